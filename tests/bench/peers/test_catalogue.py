"""The list of peers."""

import re
from pathlib import Path

from bench.peers import adapters
from bench.peers.catalogue import PEERS

FOLDER = Path(adapters.__file__).parent
REQUIREMENTS = FOLDER.parent / "requirements.txt"


def test_every_peer_has_an_adapter_and_every_adapter_is_a_peer():
    modules = {path.stem for path in FOLDER.glob("*.py")} - {"__init__"}

    assert {peer.adapter for peer in PEERS} == modules


def test_every_package_is_pinned():
    pinned = re.findall(r"^([\w-]+)==[\w.]+", REQUIREMENTS.read_text(), re.MULTILINE)

    assert {peer.package for peer in PEERS} <= set(pinned)
