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

    otherwise: str | Callable[[Answers], str] | None = None
    """What is taken where nothing else is known; None where somebody has to say."""

    applies: Callable[[Answers], bool] = _always
    """Whether it is asked at all, after what has been answered."""

    def proposal(self, answers: Answers) -> str | None:
        """What is taken, after what has been answered."""
        return self.otherwise(answers) if callable(self.otherwise) else self.otherwise


def _is_production(answers: Answers) -> bool:
    return answers["environment"] == PRODUCTION


QUESTIONS: tuple[Question, ...] = (
    Question("environment", "Environment: sandbox, staging or production", PRODUCTION),
    Question("context", "Context of the kubeconfig"),
    Question(
        "identifier",
        "Name of the cluster; when it changes, everything is made anew",
        lambda answers: answers["context"],
    ),
    Question("services", "Services, NAMESPACE/NAME:PORT,..."),
    Question("calls", "Who calls whom, CALLER:NAME,...; ingress is the gateway", NOBODY),
    Question("repository", "Git repository that Flux applies, https://..."),
    Question(
        "branch", "Its branch", lambda answers: "main" if _is_production(answers) else "develop"
    ),
    Question("path", "Folder in it", "deploy"),
    Question(
        "adopt", "What the cluster has already, of flux,istio,chaos-mesh; not installed", NOBODY
    ),
    Question("prometheus", "Prometheus, http://HOST:PORT", _PROMETHEUS),
    Question(
        "rules",
        "How Prometheus gets rules: prometheusOperator, configMap or none",
        "prometheusOperator",
    ),
    Question(
        "image",
        "The detector's image, REPOSITORY@sha256:DIGEST; empty leaves the detector out",
        NOBODY,
    ),
    Question("slack", "Slack channel for what Flux does; empty tells nobody", NOBODY),
    Question(
        "promotion",
        "Public key whose verdicts let releases in (python -m ops key FILE), or off",
        applies=_is_production,
    ),
)
