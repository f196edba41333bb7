"""GitOps as Flux runs it: how it stands, apply now, stop for a while, go on."""

from ops.gitops.reconciliation import trigger_reconciliation
from ops.gitops.state import GitOpsObject, GitOpsState
from ops.gitops.status import GitOpsStatus, get_gitops_status
from ops.gitops.suspension import resume, resume_expired, suspend

__all__ = [
    "GitOpsObject",
    "GitOpsState",
    "GitOpsStatus",
    "get_gitops_status",
    "resume",
    "resume_expired",
    "suspend",
    "trigger_reconciliation",
]
