"""Whether production can be promoted to: the gate, the keys that it trusts, and where ours lies."""

import os
from collections.abc import Iterator

from ops.cluster.objects import lookup
from ops.doctor.document import Check
from ops.doctor.room import Room, unknown, unwell, well

PRODUCTION = "production"
GATE = "platform-promotion-verdict"
VARIABLE = "BRISA_VERDICT_KEY"
"""Environment variable with the key that signs."""


def gate(room: Room) -> Iterator[Check]:
    """Production trusts somebody's verdicts, or says aloud that it asks for none."""
    if room.stack.says("promotion") in (False, "off", "false"):
        yield well("off: the stack file says so, nothing is asked for")
    elif _is_gated(room):
        trusted = lookup(room.stack.rules, GATE, "trustedKeys") or ()
        if trusted:
            yield well(f"trusted keys: {len(trusted)}")
        else:
            remedy = f"write the line of python -m ops key FILE into {GATE}.trustedKeys, or say"
            found = f"policy/{room.stack.name}.json trusts no key: nothing gets in"
            yield unwell(found, f"{remedy} promotion: off")


def signing_key(room: Room) -> Iterator[Check]:
    """Where papers are signed there is a key; who else can reach it only GitHub knows."""
    if not _is_gated(room):
        return
    if os.environ.get(VARIABLE, "").strip():
        yield well(f"{VARIABLE} is set here")
    else:
        found = f"{VARIABLE} is not set here; who can reach it elsewhere only GitHub can tell"
        remedy = "keep it in the protected environments verdict and production: docs/promotion.md"
        yield unknown(found, remedy)


def _is_gated(room: Room) -> bool:
    is_off = room.stack.says("promotion") in (False, "off", "false")
    return room.stack.says("environment") == PRODUCTION and not is_off
