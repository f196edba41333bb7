"""Making text fit this machine: mount paths become folders, addresses lead elsewhere.

Pure. The text is a command line, a variable, or a file that a pod mounts.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_NO_PATH_BEFORE = r"(?<![\w./~-])"
_PATH_ENDS = r"(?=/|[^\w.-]|$)"
_HOST_ENDS = r"(?![\w.:-])"
_IN_CLUSTER = re.compile(
    r"https?://([a-z0-9.-]+\.svc(?:\.[a-z0-9.-]+)?(?::\d+)?)(?![\w.-])", re.ASCII
)


@dataclass(frozen=True)
class Rewriting:
    """What becomes of paths and addresses."""

    folders: Mapping[str, Path]
    """Folder by mount path, which has no slash at its end."""
    addresses: Mapping[str, str]
    """URL by `HOST` or `HOST:PORT`; without a port it stands for every port."""

    def __call__(self, text: str) -> str:
        """The text with all of them replaced."""
        for address, url in self.addresses.items():
            text = _url_to(address).sub(url.rstrip("/"), text)
        if not self.folders:
            return text
        # In one go, since a folder may itself lie below a mount path such as /tmp.
        return _paths(self.folders).sub(lambda found: str(self.folders[found[0]]), text)


def mentions(text: str, address: str) -> bool:
    """Whether a text holds a URL to an address."""
    return _url_to(address).search(text) is not None


def cluster_addresses(text: str) -> Iterator[str]:
    """Addresses in URLs that only mean something inside a cluster."""
    yield from _IN_CLUSTER.findall(text)


def _url_to(address: str) -> re.Pattern[str]:
    host, _, port = address.partition(":")
    port = rf":{re.escape(port)}" if port else r"(:\d+)?"
    return re.compile(rf"https?://{re.escape(host)}{port}{_HOST_ENDS}")


def _paths(mounts: Iterable[str]) -> re.Pattern[str]:
    """The longest first: one volume may be mounted inside another."""
    words = "|".join(re.escape(mount) for mount in sorted(mounts, key=len, reverse=True))
    return re.compile(f"{_NO_PATH_BEFORE}(?:{words}){_PATH_ENDS}")
