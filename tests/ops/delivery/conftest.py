"""An API server's rules, on loopback."""

from collections.abc import Iterator

import pytest

from tests.ops.rules_server import RulesServer


@pytest.fixture
def rules() -> Iterator[RulesServer]:
    with RulesServer() as server:
        yield server
