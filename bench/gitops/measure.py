"""Commits to the demo's repository, changes by hand, and how long until the cluster is right."""

import json
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sandbox.demo.demo import FLUX_HOME, SERVICES_HOME, Demo

FOLDER = "infra/gitops/bench"
_LABEL = "bench"
_CHOSEN = (f"--namespace={SERVICES_HOME}", f"--selector=app={_LABEL}")
_PATIENCE_SECONDS = 300.0
_PAUSE_SECONDS = 0.2


@dataclass(frozen=True)
class Healing:
    """What became of objects that were changed by hand."""

    objects: int
    """How many Flux keeps there."""

    changed: int
    """How many of them were changed or deleted."""

    seconds: float
    """From the last change until none differed."""


def commit_to_applied(demo: Demo, clone: Path, rounds: int) -> list[float]:
    """Seconds from a commit that is about to be pushed to the object that it is about."""
    times = []
    for turn in range(rounds):
        _write(clone, 1, f"turn {turn}")
        began = time.monotonic()
        demo.push(clone, f"Turn {turn}")
        _until(demo, {"bench-0": f"turn {turn}"})
        times.append(time.monotonic() - began)
    return times


def heal(demo: Demo, clone: Path, objects: int, changes: int, seed: int) -> Healing:
    """Let Flux apply many objects, change some at random, and wait until all are right again."""
    wanted = {f"bench-{number}": "as in Git" for number in range(objects)}
    _write(clone, objects, "as in Git")
    demo.push(clone, f"{objects} objects")
    _until(demo, wanted)
    # Else what is deleted meanwhile is missing to a health check, until that is out of time.
    where = ("kustomization/brisa-production", f"--namespace={FLUX_HOME}")
    demo.cluster.run("wait", *where, "--for=condition=Ready", "--timeout=300s")
    chosen = random.Random(seed)  # noqa: S311 - which objects, not a secret
    for place, name in enumerate(chosen.sample(sorted(wanted), changes)):
        target = ("configmap", name, f"--namespace={SERVICES_HOME}")
        if place % 2:
            demo.cluster.run("delete", *target)
        else:
            patch = json.dumps({"data": {"text": "by hand", "more": "by hand"}})
            demo.cluster.run("patch", *target, "--type=merge", f"--patch={patch}")
    began = time.monotonic()
    _until(demo, wanted)
    return Healing(objects, changes, time.monotonic() - began)


def remove(demo: Demo, clone: Path) -> None:
    """Take everything out of the repository again, and wait until the cluster has followed."""
    (clone / FOLDER / "objects.yaml").unlink()
    demo.push(clone, "No objects")
    _until(demo, {})


def _write(clone: Path, objects: int, text: str) -> None:
    folder = clone / FOLDER
    folder.mkdir(exist_ok=True)
    found = [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                "name": f"bench-{number}",
                "namespace": SERVICES_HOME,
                "labels": {"app": _LABEL},
            },
            "data": {"text": text},
        }
        for number in range(objects)
    ]
    (folder / "objects.yaml").write_text(yaml.safe_dump_all(found), encoding="utf-8")


def _until(demo: Demo, wanted: dict[str, str]) -> None:
    expected: dict[str, Any] = {name: {"text": text} for name, text in wanted.items()}
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        text = demo.cluster.run("get", "configmaps", *_CHOSEN, "--output=json")
        found = {each["metadata"]["name"]: each["data"] for each in json.loads(text)["items"]}
        if found == expected:
            return
        if time.monotonic() > deadline:
            wrong = [name for name in {*found, *expected} if found.get(name) != expected.get(name)]
            raise TimeoutError(f"{len(wrong)} objects are not as in Git: {sorted(wrong)[:5]}")
        time.sleep(_PAUSE_SECONDS)
