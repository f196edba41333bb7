"""Papers to test with: everything good, signed with a key that is only known here."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vocabulary.labels import PLATFORM, RECORD, standard_labels
from vocabulary.promotion.gate import Terms
from vocabulary.promotion.papers import Override, Promoted, Verdict
from vocabulary.promotion.release import NAME, NAMESPACE, Release
from vocabulary.promotion.seal import key_id, public_line, sealed

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
TRUSTED = public_line(KEY)
TERMS = Terms(trusted=(TRUSTED,))
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
GIVEN = NOW - timedelta(hours=3)

COMMIT = "8f3c1d0e5b7a9f2c4d6e8a0b1c3d5e7f9a2b4c6d"
OTHER_COMMIT = "1111111111111111111111111111111111111111"

TREE = "c0ffee5e7b7a9f2c4d6e8a0b1c3d5e7f9a2b4c6d"
OTHER_TREE = "2" * 40
RELEASE = Release(environment="production", commit=COMMIT, tree=TREE)


def released_by(environment: str, *, gated: bool = True) -> Release:
    """What a clean checkout of `RELEASE` releases."""
    gate: Any = "on" if gated else "off"
    return RELEASE.model_copy(update={"environment": environment, "gate": gate})


NAMES = {"flux": "every Kustomization is ready", "chaos": "brisa-staging/api-resilience-x7f2k held",
         "alerts": "none of 12 critical alerts fires"}  # fmt: skip


def verdict(**changes: Any) -> Verdict:
    """A verdict that lets `RELEASE` in, with some fields changed."""
    good: dict[str, Any] = {
        "environment": "staging",
        "tree": TREE,
        "commit": OTHER_COMMIT,  # squashed or merged since: the content counts
        "checks": {
            **{name: {"result": "passed", "reason": why} for name, why in NAMES.items()},
            "detector": {"result": "none", "reason": "not graded yet"},
        },
        "at": GIVEN,
        "expires": GIVEN + timedelta(days=1),
    }
    return Verdict.model_validate(good | changes)


def checked(name: str, **result: Any) -> dict[str, Any]:
    """The checks of a good verdict, with one of them changed."""
    good = verdict().model_dump(mode="json")["checks"]
    return {"checks": {**good, name: {"result": "failed", **result}}}


def paper(**changes: Any) -> str:
    """The same, signed."""
    return sealed(verdict(**changes), KEY)


def forged(change: Mapping[str, Any]) -> str:
    """A good verdict with fields that were changed after it was signed."""
    document = json.loads(paper())
    document["verdict"] |= change
    return json.dumps(document)


def in_the_name_of_a_trusted_key(document: str) -> str:
    """A verdict that says it is signed by a key that it is not signed by."""
    parts = json.loads(document)
    parts["signature"]["key"] = key_id(KEY)
    return json.dumps(parts)


def override(key: Ed25519PrivateKey = KEY, **changes: Any) -> str:
    """A signed override that lets `RELEASE` in, with some fields changed."""
    good: dict[str, Any] = {
        "tree": TREE,
        "reason": "the certificate of the gateway expires tonight",
        "by": "ada@example.org",
        "at": NOW,
        "until": NOW + timedelta(hours=4),
    }
    return sealed(Override.model_validate(good | changes), key)


def promoted(at: datetime, commit: str = OTHER_COMMIT) -> str:
    """What was promoted last."""
    return Promoted(commit=commit, at=at).model_dump_json()


def released(verdict: str) -> dict[str, Any]:
    """The record of `RELEASE`, with this verdict, as the program writes it."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": NAME,
            "namespace": NAMESPACE,
            "labels": {**standard_labels(PLATFORM), RECORD: NAME},
        },
        "data": {**RELEASE.data, "verdict": verdict},
    }
