"""What can go wrong in the detector.

AnomalyError
    SettingsError           the configuration or the command line is wrong
    UsageError              the arguments do not fit together, or name nothing
    DataError               a file of series or faults is not what it should be
    OutputError             a file cannot be written
    StateError              what an earlier run remembered cannot be used
        StateBusy           another run is using it
    PrometheusError         Prometheus did not give what was asked
        Unreachable         no answer, or not in time            (tried again)
        Overloaded          it cannot answer now: 429, 5xx       (tried again)
        QueryRefused        it will not answer: the query or the credentials are wrong
        MalformedAnswer     the answer is not what its API promises
        AnswerTooLarge      the answer is longer than allowed    (asked for in parts)
    SinkError               somebody who should be told was not
        SinkUnreachable     no answer, or not in time            (tried again)
        SinkOverloaded      it cannot take it now: 429, 5xx      (tried again)
        SinkRefused         it will not take it: the content or the credentials are wrong
"""


class AnomalyError(Exception):
    """Base of all; its text is one line that a user can act on."""

    status: int | None = None
    """HTTP status of the answer that is the matter, if one is."""


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


class PrometheusError(AnomalyError):
    """Prometheus did not give what was asked."""


class Unreachable(PrometheusError):  # noqa: N818 - named after what is the matter
    """No answer, or not in time."""


class Overloaded(PrometheusError):  # noqa: N818
    """It cannot answer now."""


class QueryRefused(PrometheusError):  # noqa: N818
    """It will not answer: the query or the credentials are wrong."""


class MalformedAnswer(PrometheusError):  # noqa: N818
    """The answer is not what its API promises."""


class AnswerTooLarge(PrometheusError):  # noqa: N818
    """The answer is longer than allowed."""


class SinkError(AnomalyError):
    """Somebody who should be told was not."""


class SinkUnreachable(SinkError):  # noqa: N818
    """No answer, or not in time."""


class SinkOverloaded(SinkError):  # noqa: N818
    """It cannot take it now."""


class SinkRefused(SinkError):  # noqa: N818
    """It will not take it: the content or the credentials are wrong."""


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
