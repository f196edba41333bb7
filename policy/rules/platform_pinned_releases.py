"""Controllers are installed from exact chart versions over a safe connection."""

import re
from collections.abc import Iterator

from policy.config import RuleConfig
from policy.findings import Finding
from policy.resources import Resource
from policy.rule import HIGH, ResourceRule
from vocabulary.kinds import HELM_RELEASE

EXACT = re.compile(r"v?\d+\.\d+\.\d+([-+][\w.+-]+)?")


class Config(RuleConfig):
    """Where charts may come from."""

    allow_path: bool = False
    """Whether a chart may be a folder on disk."""


def check(resource: Resource, config: Config) -> Iterator[Finding]:
    """The version is exact; the chart comes from a repository, over https or oci."""
    chart, version = resource["chart"], resource["version"]
    name, repository = chart.text(), resource["repositoryOpts"]["repo"]
    if name is not None and name.startswith((".", "/")):
        if not config.allow_path:
            yield chart.finding(f"{chart} is a folder on disk; use a chart repository")
        return
    text = version.text()
    if version.missing or (text is not None and not EXACT.fullmatch(text)):
        yield version.finding(f"{version} can become another chart; write one exact version")
    address = repository.text() or ""
    if not repository.missing and not repository.unknown and not address.startswith("https://"):
        yield repository.finding(f"{repository} is not fetched safely; use https:// or oci://")
    if name is not None and name.startswith("http://"):
        yield chart.finding(f"{chart} is not fetched safely; use https:// or oci://")


RULE = ResourceRule(
    id="platform-pinned-releases",
    severity=HIGH,
    summary="Every Helm release names one exact chart version from a safe repository.",
    reason="A range or a missing version installs whatever is newest on the day of the `up`: a "
    "different control plane in each environment, unreviewed.",
    fix="Write the exact version, and an https:// repository or oci:// reference.",
    kinds=(HELM_RELEASE,),
    config=Config,
    check=check,
    example="""\
apiVersion: helm.sh/v3
kind: Release
chart: istiod
version: 1.31.1
repositoryOpts: {repo: "https://istio-release.storage.googleapis.com/charts"}
namespace: istio-system
""",
)
