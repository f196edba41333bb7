"""The boards of the committed stack `prod`, and of others that bend it."""

import pytest

from tests.monitoring.panels import documents
from tests.monitoring.stack import stack

STACK = stack()
BOARDS = documents(STACK)


@pytest.fixture(params=BOARDS)
def board(request):
    """Each board in turn."""
    return BOARDS[request.param]
