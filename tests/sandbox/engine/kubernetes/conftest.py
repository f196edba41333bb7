"""A provider process on the shared control plane, and a namespace per test."""

import itertools
import os

import pytest

from sandbox.console import MESSAGES
from sandbox.toolchain import Toolchain
from tests.sandbox.engine.kubernetes.providerclient import Provider

_numbers = itertools.count()


@pytest.fixture(scope="session")
def toolchain():
    """All tools, since these tests need a control plane and not only an engine."""
    return Toolchain.ensure(MESSAGES)


@pytest.fixture(scope="session")
def provider(sandbox):
    """One configured provider for tests that neither cancel nor stop it."""
    yield from start(sandbox)


@pytest.fixture
def own_provider(sandbox):
    """A configured provider for one test alone."""
    yield from start(sandbox)


@pytest.fixture
def unconfigured(tmp_path):
    """A provider that has not been told of any cluster."""
    provider = Provider.start(cwd=tmp_path)
    yield provider
    provider.stop()


def start(sandbox, cwd=None, tools=None, path=None, **arguments):
    """Run a provider on the sandbox, with the sandbox's tools on its PATH unless told otherwise."""
    if tools is None:
        tools = sandbox.folder.root / "test-tools"
        sandbox.toolchain.link_into(tools)
    path = path or os.pathsep.join([str(tools), os.environ["PATH"]])
    provider = Provider.start({"PATH": path}, cwd=cwd)
    try:
        provider.configure(kubeconfig=str(sandbox.kubeconfig), **arguments)
        yield provider
    finally:
        provider.stop()


@pytest.fixture
def namespace(sandbox):
    """An empty namespace."""
    name = f"provider-{os.getpid()}-{next(_numbers)}"
    sandbox.kubectl("create", "namespace", name)
    return name
