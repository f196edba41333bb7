"""Prometheus: scrapes nobody, takes what is written to it, and keeps what is old."""

from pathlib import Path
from urllib.parse import urlsplit

import yaml

from sandbox.files import write_atomically
from sandbox.supervision.ports import LOOPBACK
from sandbox.supervision.probe import Probe
from sandbox.supervision.service import Service

NAME = "prometheus"
_RETENTION = "90d"
"""Longer than any history that a detector reads; Prometheus' own default is 15 days."""
_LATE_SAMPLES = "30d"
"""How old a written sample may be: recorded series come in any order."""
_GARBAGE_PERCENT = "50"
"""Collect garbage twice as often as Go's default: memory counts more than time here."""


def write_configuration(path: Path, *, alertmanager: str) -> None:
    """Write the configuration file; `alertmanager` is the URL that alerts of rules are sent to."""
    target = urlsplit(alertmanager).netloc
    document = {
        "global": {"scrape_interval": "15s", "evaluation_interval": "15s"},
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [target]}]}]},
        "storage": {"tsdb": {"out_of_order_time_window": _LATE_SAMPLES}},
    }
    write_atomically(path, yaml.safe_dump(document, sort_keys=False))


def prometheus(program: Path, *, configuration: Path, data: Path, port: int) -> Service:
    """The service."""
    url = f"http://{LOOPBACK}:{port}"
    options = {
        "config.file": configuration,
        "storage.tsdb.path": data,
        "storage.tsdb.retention.time": _RETENTION,
        "web.listen-address": f"{LOOPBACK}:{port}",
        "log.level": "warn",
    }
    return Service(
        name=NAME,
        command=(
            str(program),
            *(f"--{name}={value}" for name, value in options.items()),
            "--web.enable-remote-write-receiver",
        ),
        environment={"GOGC": _GARBAGE_PERCENT},
        ready=Probe(url=f"{url}/-/ready"),
        endpoint=url,
    )
