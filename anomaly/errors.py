"""What can go wrong in the detector.

AnomalyError
    SettingsError           the configuration or the command line is wrong
    StateError              a stream's state cannot be gone on from
    PrometheusError         Prometheus did not give what was asked
        Unreachable         no answer, or not in time            (tried again)
        Overloaded          it cannot answer now: 429, 5xx       (tried again)
        QueryRefused        it will not answer: the query or the credentials are wrong
        MalformedAnswer     the answer is not what its API promises
"""


class AnomalyError(Exception):
    """Base of all; its text is one line that a user can act on."""


class SettingsError(AnomalyError):
    """The configuration or the command line is wrong."""


class StateError(AnomalyError):
    """A stream's state is damaged, or of another version or configuration."""


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
