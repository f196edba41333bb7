"""From answers to the files of a stack. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ops.cluster.objects import service_of
from ops.delivery.init.questions import Answers
from ops.delivery.policies import GATE
from ops.errors import UsageError
from policy.stack import PROJECT

OFF = "off"
MONITORING, OPERATOR = "monitoring", "prometheusOperator"
"""What the program takes where nothing else is said."""

ADOPTED: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "flux": ("gitops", {"install": "none"}),
    "istio": ("mesh", {"install": False}),
    "chaos-mesh": ("chaos", {"install": False}),
}
"""What the cluster may have already: area of the stack, and what it says then."""

_IMAGE = re.compile(r"(?P<repository>[^\s@]+?)(:(?P<tag>[\w.-]+))?@(?P<digest>sha256:[0-9a-f]{64})")

_STAND_IN = {
    "environment": "sandbox",
    "context": "x",
    "identifier": "x",
    "services": "x/x:80",
    "repository": "https://example.org/x",
    "branch": "x",
    "path": "x",
    "prometheus": "http://x",
}
"""What holds a place in a draft until it is answered."""

Service = Mapping[str, Any]
Live = Mapping[tuple[str, str], Service]
"""Namespace and name of a service -> what more the cluster says of it."""


def stack_file(answers: Answers, live: Live) -> dict[str, Any]:
    """The configuration of a stack; what has not been answered yet has a stand-in.

    Raises:
        UsageError: when an answer is not of the form that was asked for.
    """
    said = {**_STAND_IN, **answers}
    areas: dict[str, Any] = {"environment": said["environment"]}
    if said.get("promotion") == OFF:
        areas["promotion"] = OFF
    areas["cluster"] = {"context": said["context"], "clusterIdentifier": said["identifier"]}
    areas["services"] = list(_services(said, live))
    areas["gitops"] = _gitops(said)
    for name in _listed(said.get("adopt", "")):
        if name not in ADOPTED:
            raise UsageError(f"{name!r} cannot be adopted; only {', '.join(ADOPTED)} can")
        area, switched = ADOPTED[name]
        areas[area] = {**switched, **areas.get(area, {})}
    areas["anomaly"] = _anomaly(said)
    if seen := _observability(said):
        areas["observability"] = seen
    return {f"{PROJECT}:{key}": value for key, value in areas.items()}


def policy_file(answers: Answers, there: Mapping[str, Any]) -> dict[str, Any] | None:
    """The stack's policy configuration over what is there; None where nothing has to be said."""
    if answers.get("promotion", OFF) == OFF:
        return None
    gate = {"environment": answers["environment"], "trustedKeys": [answers["promotion"]]}
    return {"all": "mandatory", **there, GATE: gate}


def _services(said: Answers, live: Live) -> Iterator[dict[str, Any]]:
    callers: dict[str, list[str]] = {}
    for call in _listed(said.get("calls", "")):
        caller, _, called = call.partition(":")
        callers.setdefault(called, []).append(caller)
    for entry in _listed(said["services"]):
        namespace, _, rest = entry.partition("/")
        name, _, port = rest.partition(":")
        if not (namespace and name and port.isdigit()):
            raise UsageError(f"{entry!r} is no service; write NAMESPACE/NAME:PORT, as shop/web:80")
        called_by = {"callers": callers.pop(name)} if name in callers else {}
        known = live.get((namespace, name), {})
        yield {"name": name, "namespace": namespace, "port": int(port), **known, **called_by}
    if callers:
        raise UsageError(f"no service is called {', '.join(map(repr, callers))}; see the services")


def _gitops(said: Answers) -> dict[str, Any]:
    name = said["services"].partition("/")[0]
    slack = {"channel": said["slack"]} if said.get("slack") else None
    return {
        "repository": said["repository"],
        "branch": said["branch"],
        "kustomizations": [{"name": name, "path": said["path"]}],
        "slack": slack,
    }


def _anomaly(said: Answers) -> dict[str, Any]:
    url = said["prometheus"]
    found: dict[str, Any] = {"prometheusUrl": url}
    written: dict[str, Any] = {"url": f"{url.rstrip('/')}/api/v1/write"}
    if (home := _home(url)) != MONITORING:
        found["prometheusNamespace"] = home
        written["namespace"] = home
    found["results"] = {"remoteWrite": written}
    if image := said.get("image"):
        return {**found, "image": image_of(image)}
    return {"install": False, **found}


def image_of(reference: str) -> Mapping[str, str]:
    """Repository, tag if there is one, and digest of an image.

    Raises:
        UsageError: when nobody can have built it.
    """
    named = _IMAGE.fullmatch(reference)
    if named is None or not named["digest"].removeprefix("sha256:").strip("0"):
        raise UsageError(f"{reference} is no image that was built; give REPOSITORY@sha256:DIGEST")
    return {key: text for key, text in named.groupdict().items() if text}


def _observability(said: Answers) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if (home := _home(said["prometheus"])) not in (None, MONITORING):
        found["namespace"] = home
    if (rules := said.get("rules", OPERATOR)) != OPERATOR:
        found |= {"rules": {"delivery": rules}, "scraping": {"delivery": "none"}}
    return found


def _home(url: str) -> str | None:
    """Namespace of a server in the cluster; None for one outside."""
    return (service_of(url) or (None,))[0]


def _listed(text: str) -> Sequence[str]:
    return [part for each in text.split(",") if (part := each.strip())]
