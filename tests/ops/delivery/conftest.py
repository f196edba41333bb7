"""A GitHub on loopback, and no token but a made-up one."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from ops.delivery.github.client import TOKEN_VARIABLE, URL_VARIABLE, GitHub
from tests.ops.delivery.github.fake_github import FakeGitHub
from tests.ops.rules_server import RulesServer

TOKEN = "made-up-token-of-this-test"


@pytest.fixture
def server(monkeypatch) -> Iterator[FakeGitHub]:
    with FakeGitHub() as fake:
        monkeypatch.setenv(URL_VARIABLE, fake.url)
        monkeypatch.setenv(TOKEN_VARIABLE, TOKEN)
        yield fake


@pytest.fixture
def rules() -> Iterator[RulesServer]:
    with RulesServer() as server:
        yield server


@pytest.fixture
def pauses() -> list[float]:
    """How long the client has waited, in place of waiting."""
    return []


@pytest.fixture
def github(server, pauses) -> GitHub:
    return replace(GitHub.from_environment("me/mine"), pause=pauses.append)
