"""What has to be known of a stack, in the order in which it is asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Answers = Mapping[str, str]
"""Question -> what was answered."""

PRODUCTION = "production"
NOBODY = ""
_PROMETHEUS = "http://prometheus.monitoring.svc.cluster.local:9090"


def _always(_answers: Answers) -> bool:
    return True


@dataclass(frozen=True)
class Question:
    """One thing to be known, and the flag of that name."""

    name: str
    """The flag, without its dashes."""

    asked: str
    """How it is asked; the help of the flag."""

    proposal: Callable[[Answers], str | None]
    """What is taken where nothing else is known; None where somebody has to say."""

    applies: Callable[[Answers], bool] = _always
    """Whether it is asked at all, after what has been answered."""


def _said(text: str | None) -> Callable[[Answers], str | None]:
    return lambda _: text


def _by_environment(production: str | None, other: str) -> Callable[[Answers], str | None]:
    return lambda answers: production if answers["environment"] == PRODUCTION else other


QUESTIONS: tuple[Question, ...] = (
    Question("environment", "Environment: sandbox, staging or production", _said(PRODUCTION)),
    Question("context", "Context of the kubeconfig", _said(None)),
    Question(
        "identifier",
        "Name of the cluster; when it changes, everything is made anew",
        lambda answers: answers["context"],
    ),
    Question("services", "Services, NAMESPACE/NAME:PORT,...", _said(None)),
    Question("calls", "Who calls whom, CALLER:NAME,...; ingress is the gateway", _said(NOBODY)),
    Question("repository", "Git repository that Flux applies, https://...", _said(None)),
    Question("branch", "Its branch", _by_environment("main", "develop")),
    Question("path", "Folder in it", _said("deploy")),
    Question(
        "adopt", "What the cluster has already, of flux,istio,chaos-mesh; not installed", _said("")
    ),
    Question("prometheus", "Prometheus, http://HOST:PORT", _said(_PROMETHEUS)),
    Question(
        "rules",
        "How Prometheus gets rules: prometheusOperator, configMap or none",
        _said("prometheusOperator"),
    ),
    Question(
        "image",
        "The detector's image, REPOSITORY@sha256:DIGEST; empty leaves the detector out",
        _said(NOBODY),
    ),
    Question("slack", "Slack channel for what Flux does; empty tells nobody", _said(NOBODY)),
    Question(
        "promotion",
        "Public key whose verdicts let releases in (python -m ops key FILE), or off",
        _said(None),
        lambda answers: answers["environment"] == PRODUCTION,
    ),
)
