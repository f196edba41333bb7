"""Papers to test with: everything good, signed with a key that is only known here."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from promotion.gate import Terms
from promotion.papers import Override, Promoted, Verdict
from promotion.release import NAME, NAMESPACE, Release
from promotion.seal import key_id, public_line, sealed
from vocabulary.labels import PLATFORM, RECORD, standard_labels

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
TRUSTED = public_line(KEY)
TERMS = Terms(trusted=(TRUSTED,))
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
GIVEN = NOW - timedelta(hours=3)

COMMIT = "8f3c1d0e5b7a9f2c4d6e8a0b1c3d5e7f9a2b4c6d"
OTHER_COMMIT = "1111111111111111111111111111111111111111"
HASH = "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
OTHER_HASH = "sha256:" + "2" * 64
IMAGE = "brisa/api"

RELEASE = Release(
    environment="production", commit=COMMIT, configuration={"mesh": HASH}, images={IMAGE: HASH}
)


def verdict(**changes: Any) -> Verdict:
    """A verdict that lets `RELEASE` in, with some fields changed."""
    good: dict[str, Any] = {
        "environment": "staging",
        "commit": COMMIT,
        "configuration": {"mesh": HASH},
        "images": {IMAGE: HASH},
        "flux": {"ready": True, "revisions": {"flux-system/brisa": "develop@sha1:8f3c1d0e"}},
        "chaos": {"result": "passed", "run": "brisa-staging/api-resilience-x7f2k"},
        "detector": {"grade": None, "reason": "not graded yet"},
        "alerts": {"watched": 12, "firing": []},
        "at": GIVEN,
        "expires": GIVEN + timedelta(days=1),
    }
    return Verdict.model_validate(good | changes)


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


def override(**changes: Any) -> str:
    """An override that lets `RELEASE` in, with some fields changed."""
    good: dict[str, Any] = {
        "commit": COMMIT,
        "reason": "the certificate of the gateway expires tonight",
        "by": "ada@example.org",
        "until": NOW + timedelta(hours=4),
    }
    return Override.model_validate(good | changes).model_dump_json()


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
