"""Alertmanager: keeps alerts for those who look, notifies nobody, joins no cluster."""

from pathlib import Path

import yaml

from sandbox.files import write_atomically
from sandbox.supervision.ports import LOOPBACK
from sandbox.supervision.probe import Probe
from sandbox.supervision.service import Service

NAME = "alertmanager"
_NOBODY = "nobody"


def write_configuration(path: Path) -> None:
    """Write the configuration file."""
    document = {"route": {"receiver": _NOBODY}, "receivers": [{"name": _NOBODY}]}
    write_atomically(path, yaml.safe_dump(document, sort_keys=False))


def alertmanager(program: Path, *, configuration: Path, data: Path, port: int) -> Service:
    """The service."""
    url = f"http://{LOOPBACK}:{port}"
    options = {
        "config.file": configuration,
        "storage.path": data,
        "web.listen-address": f"{LOOPBACK}:{port}",
        "cluster.listen-address": "",  # a cluster of one, which otherwise listens everywhere
        "log.level": "warn",
    }
    return Service(
        name=NAME,
        command=(str(program), *(f"--{name}={value}" for name, value in options.items())),
        ready=Probe(url=f"{url}/-/ready"),
        endpoint=url,
    )
