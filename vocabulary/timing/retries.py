"""Retries: which can do no harm, and how long a request with all of its own can take at most."""

from datetime import timedelta

NOT_EXECUTED = ("connect-failure", "refused-stream", "reset-before-request")
"""Envoy's conditions under which no server has begun with the request, so that it may be sent again
whatever it does."""

LONGEST_BACKOFF = 10
"""Envoy caps a pause at ten times its base."""


def longest_request(attempts: int, each: timedelta, backoff: timedelta) -> timedelta:
    """The time of the first try, of `attempts` more, and of the pauses between them.

    Args:
        attempts: retries after the first try.
        each: limit of one try.
        backoff: base of the exponential pause; before retry n it is drawn from up to 2^n - 1 bases.
    """
    pauses = (min(2**retry - 1, LONGEST_BACKOFF) * backoff for retry in range(1, attempts + 1))
    return (attempts + 1) * each + sum(pauses, timedelta(0))
