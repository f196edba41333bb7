"""Every stack says what it releases."""

from collections.abc import Iterator

from policy.config import Unexempted
from policy.findings import Finding
from policy.promotion import PRODUCTION, is_record
from policy.resources import Stack
from policy.rule import CRITICAL, StackRule
from vocabulary.kinds import CONFIG_MAP


class Config(Unexempted):
    """Which environment this is."""

    environment: str = PRODUCTION
    """Environment that the record must name."""


def check(stack: Stack, config: Config) -> Iterator[Finding]:
    """There is one ConfigMap with the label `platform.brisa/record: release`.

    It names this environment, and there is no second one.
    """
    records = [resource for resource in stack.of(CONFIG_MAP) if is_record(resource)]
    if stack.unclear(CONFIG_MAP):
        return
    if not records:
        urn = stack.resources[0].urn if stack.resources else ""
        missing = "the stack has no record of its release; register a ReleaseRecord first of all"
        yield Finding(urn, "", missing)
    for record in records[1:]:
        yield record["metadata"]["labels"].finding("the release has a record already; keep one")
    for record in records:
        place = record["data"]["environment"]
        named = place.text()
        if named != config.environment and not record.notes.unknown:
            yield place.finding(f"{place} is not this environment, {config.environment}")


RULE = StackRule(
    id="platform-release-record",
    severity=CRITICAL,
    summary="Every stack records what it releases, once, and names its environment.",
    reason="The promotion gate judges the record. A stack without one, or with one that names "
    "another environment, would walk past the gate.",
    fix="Let `__main__.py` register the ReleaseRecord before all else, and set `environment` of "
    "this rule to that of the stack, where policy/<stack>.json says another.",
    kinds=(CONFIG_MAP,),
    config=Config,
    check=check,
    exemption="No stack is exempt: where no papers are asked for, the record costs nothing.",
    example="""\
apiVersion: v1
kind: ConfigMap
metadata:
  name: release
  namespace: brisa-platform
  labels: {platform.brisa/record: release}
data:
  environment: production
  commit: 8f3c1d0e5b7a9f2c4d6e8a0b1c3d5e7f9a2b4c6d
  tree: c0ffee5e7b7a9f2c4d6e8a0b1c3d5e7f9a2b4c6d
  gate: "on"
""",
)
