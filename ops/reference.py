"""Every document that a command prints, and by which command."""

from collections.abc import Mapping

from ops.alerts import Alerts
from ops.anomalies import Anomalies
from ops.chaos.calendar import Calendar
from ops.chaos.overview import ChaosOverview
from ops.chaos.pausing import Pause
from ops.chaos.report.document import ChaosReport
from ops.chaos.unsticking import Unsticking
from ops.commands.chaos_scores import Scores
from ops.commands.mesh import Canary
from ops.commands.output import Changes
from ops.doctor.document import Examination
from ops.documents import Document
from ops.gitops.diff import GitOpsDiff
from ops.gitops.logs import GitOpsLogs
from ops.gitops.reconciliation import Reconciliation
from ops.gitops.status import GitOpsStatus
from ops.gitops.suspension import Suspensions
from ops.mesh.certificates import Certificates
from ops.mesh.mtls import MutualTls
from ops.mesh.plaintext import PlainText
from ops.mesh.routes import Routes
from ops.platform import Status

_KINDS: tuple[tuple[type[Document], str], ...] = (
    (Status, "status"),
    (Examination, "doctor"),
    (GitOpsStatus, "gitops status"),
    (Reconciliation, "gitops reconcile"),
    (GitOpsDiff, "gitops diff"),
    (GitOpsLogs, "gitops logs"),
    (Changes, "gitops suspend, gitops resume, chaos run"),
    (Suspensions, "gitops suspensions"),
    (MutualTls, "mesh mtls"),
    (PlainText, "mesh plain-text"),
    (Routes, "mesh routes"),
    (Certificates, "mesh certificates"),
    (Canary, "mesh canary set"),
    (ChaosOverview, "chaos list"),
    (Pause, "chaos pause, chaos pause-all, chaos resume"),
    (Unsticking, "chaos unstick"),
    (Calendar, "chaos calendar"),
    (ChaosReport, "chaos report"),
    (Scores, "chaos scores"),
    (Anomalies, "anomalies"),
    (Alerts, "alerts"),
)


def name_of(kind: type[Document]) -> str:
    """Name of a document without its version."""
    default = kind.model_fields["document"].default
    return str(default).partition("/")[0]


DOCUMENTS: Mapping[str, type[Document]] = {name_of(kind): kind for kind, _ in _KINDS}
COMMANDS: Mapping[str, str] = {name_of(kind): commands for kind, commands in _KINDS}
