"""What can go wrong in the detector.

AnomalyError
    SettingsError           the configuration or the command line is wrong
    UsageError              the arguments do not fit together, or name nothing
    DataError               a file of series or faults is not what it should be
    OutputError             a file cannot be written
    StateError              what an earlier run remembered cannot be used
        StateBusy           another run is using it
    ServerError             Prometheus, or somebody who should be told, did not do its part
        Unreachable         no answer, or not in time            (tried again)
        Overloaded          it cannot do it now: 429, 5xx        (tried again)
        Refused             it will not: what was sent or the credentials are wrong
        MalformedAnswer     the answer is not what its API promises
        AnswerTooLarge      the answer is longer than allowed
"""


class AnomalyError(Exception):
    """Base of all; its text is one line that a user can act on."""


class SettingsError(AnomalyError):
    """The configuration or the command line is wrong."""


class UsageError(AnomalyError):
    """The arguments do not fit together, or name nothing."""


class DataError(AnomalyError):
    """A file of series or faults is not what it should be."""


class OutputError(AnomalyError):
    """A file cannot be written."""


class StateError(AnomalyError):
    """What an earlier run remembered cannot be used."""


class StateBusy(StateError):  # noqa: N818 - named after what is the matter
    """Another run is using it."""


class ServerError(AnomalyError):
    """Prometheus, or somebody who should be told, did not do its part."""

    status: int | None = None
    """HTTP status of the answer that is the matter, if one is."""


class Unreachable(ServerError):  # noqa: N818 - named after what is the matter
    """No answer, or not in time."""


class Overloaded(ServerError):  # noqa: N818
    """It cannot do it now."""


class Refused(ServerError):  # noqa: N818
    """It will not do it: what was sent or the credentials are wrong."""


class MalformedAnswer(ServerError):  # noqa: N818
    """The answer is not what its API promises."""


class AnswerTooLarge(ServerError):  # noqa: N818
    """The answer is longer than allowed."""


OK = 0
"""The work is done; for `run` also when anomalies were found and reported."""

FAILED = 1
"""It could not be done: Prometheus, a sink or a file did not do its part."""

USAGE = 2
"""The command line, the configuration or a file is wrong."""

FOUND = 3
"""`check` found anomalies; `grade` and `backtest` miss a requirement."""

INTERRUPTED = 130
"""The user stopped it."""
