"""Chaos Mesh itself is installed safely."""

import re
from collections.abc import Iterator

from policy.config import RuleConfig
from policy.findings import Finding
from policy.resources import Field, Resource
from policy.rule import CRITICAL, ResourceRule
from vocabulary.kinds import HELM_RELEASE

VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")


class Config(RuleConfig):
    """What counts as safe."""

    min_version: str = "2.7.3"
    """Oldest version; everything before lets any pod take over the cluster (CVE-2025-59358 and
    its companions)."""

    allow_host_network_testing: bool = False
    """Whether faults may hit pods on the host's network."""


# Chart value -> what it must be, where the chart's own default is unsafe.
MUST_SAY: dict[tuple[str, ...], object] = {
    ("controllerManager", "enableFilterNamespace"): True,
    ("chaosDaemon", "privileged"): False,
    ("chaosDaemon", "runtime"): "containerd",
    ("dashboard", "service", "type"): "ClusterIP",
    ("enableProfiling",): False,
}
# Chart value -> what it must be if it is set at all: the chart's own default is safe.
MUST_NOT_CHANGE: dict[tuple[str, ...], object] = {
    ("dashboard", "securityMode"): True,
    ("chaosDaemon", "mtls", "enabled"): True,
    ("webhook", "FailurePolicy"): "Fail",
    ("bpfki", "create"): False,
    ("chaosDlv", "enable"): False,
    ("enableCtrlServer",): False,
    ("controllerManager", "chaosdSecurityMode"): True,
}


def check(resource: Resource, config: Config) -> Iterator[Finding]:
    """Version, values that must be set, and values that must not be weakened."""
    if (resource["chart"].text() or "").rstrip("/").rpartition("/")[2] != "chaos-mesh":
        return
    values = resource["values"]
    for version in (resource["version"], values["images"]["tag"]):
        yield from _recent(version, config.min_version)
    for path, value in MUST_SAY.items():
        yield from _is(_place(values, path), value, required=True)
    for path, value in MUST_NOT_CHANGE.items():
        yield from _is(_place(values, path), value, required=False)
    if not config.allow_host_network_testing:
        place = values["controllerManager"]["allowHostNetworkTesting"]
        yield from _is(place, expected=False, required=False)
    socket = values["chaosDaemon"]["socketPath"]
    if socket.missing or "docker" in (socket.text() or ""):
        yield socket.finding(
            f"{socket} gives the daemon Docker's socket; write /run/containerd/containerd.sock"
        )


def _place(values: Field, path: tuple[str, ...]) -> Field:
    for key in path:
        values = values[key]
    return values


def _is(place: Field, expected: object, *, required: bool) -> Iterator[Finding]:
    if place.missing:
        if required:
            yield place.finding(
                f"not set, and the chart's default is unsafe; write {_word(expected)}"
            )
        return
    actual = place.flag() if isinstance(expected, bool) else place.text()
    if actual is not None and actual != expected:
        yield place.finding(f"{place} is unsafe; write {_word(expected)}")


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _recent(place: Field, least: str) -> Iterator[Finding]:
    text = place.text()
    given, needed = VERSION.match(text or ""), VERSION.match(least)
    if given and needed and [int(n) for n in given.groups()] < [int(n) for n in needed.groups()]:
        yield place.finding(f"{place} has known vulnerabilities; use {least} or newer")


RULE = ResourceRule(
    id="chaos-release",
    severity=CRITICAL,
    summary="The Chaos Mesh release is recent and its unsafe defaults are changed.",
    reason="The chart's defaults run a privileged daemon with Docker's socket, open the dashboard "
    "on every node, serve profiling data and let faults act in every namespace; turning off the "
    "dashboard's security mode also turns off the permission check for kubectl users.",
    fix="Set the values named in the finding.",
    kinds=(HELM_RELEASE,),
    config=Config,
    check=check,
    example="""\
apiVersion: helm.sh/v3
kind: Release
chart: chaos-mesh
version: 2.8.3
namespace: chaos-mesh
values:
  enableProfiling: false
  controllerManager: {enableFilterNamespace: true}
  chaosDaemon:
    privileged: false
    runtime: containerd
    socketPath: /run/containerd/containerd.sock
  dashboard:
    securityMode: true
    service: {type: ClusterIP}
""",
)
