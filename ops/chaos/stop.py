"""Keeping new experiments out while all are stopped: the ConfigMap that the API server looks for.

Pausing stops what is there. What comes meanwhile, from Flux, a pipeline or somebody's hand, is
refused as long as this object is there; `components.chaos_stop` has the policy. It lies in the
namespace that the policy's binding names.
"""

from datetime import datetime

from ops.cluster import Cluster, Object, Ref
from ops.cluster.changes import Change
from ops.cluster.objects import lookup
from ops.errors import NotFoundError
from ops.records import Record, record_on
from vocabulary.kinds import ADMISSION_BINDING, CONFIG_MAP
from vocabulary.labels import PAUSE
from vocabulary.stop import BY_HAND, POLICY, WHO, WHY

NO_POLICY = "the cluster has no policy for it, so new experiments are not refused"


def keep_out(cluster: Cluster, record: Record, *, dry_run: bool) -> Change:
    """Have the API server refuse new experiments."""
    home = _home(cluster)
    ref = Ref(CONFIG_MAP, home, BY_HAND)
    if home is None:
        return Change.of(ref, action="none", note=NO_POLICY)
    if (there := cluster.one(*ref)) is not None:
        note = f"new experiments are refused already ({record_on(there, PAUSE) or 'by hand'})"
        return Change.of(ref, action="none", note=note)
    about = {"namespace": home, "name": BY_HAND, "annotations": {PAUSE: record.text()}}
    body = {
        "apiVersion": CONFIG_MAP.api_version,
        "kind": CONFIG_MAP.kind,
        "metadata": about,
        "data": {WHO: record.by, WHY: record.reason},
    }
    cluster.create(body, dry_run=dry_run)
    note = "new experiments are refused"
    return Change.of(ref, action="create", applied=not dry_run, note=note)


def let_in(cluster: Cluster, *, expired: datetime | None, dry_run: bool) -> Change | None:
    """Let new experiments in again; None when nothing keeps them out, or not by us.

    `expired` is the present, to do so only when its time is up.
    """
    found = kept_out(cluster)
    if found is None:
        return None
    record = record_on(found, PAUSE)
    if record is None or (expired and not record.is_overdue(expired)):
        return None
    try:
        cluster.delete(found, dry_run=dry_run)
    except NotFoundError:
        return None  # somebody else was faster
    note = "new experiments are let in"
    return Change.of(Ref.of(found), action="delete", applied=not dry_run, note=note)


def kept_out(cluster: Cluster) -> Object | None:
    """What keeps new experiments out, if anything of ours does."""
    home = _home(cluster)
    return None if home is None else cluster.one(CONFIG_MAP, home, BY_HAND)


def _home(cluster: Cluster) -> str | None:
    binding = cluster.one(ADMISSION_BINDING, None, POLICY)
    home = lookup(binding or {}, "spec", "paramRef", "namespace")
    return None if home is None else str(home)
