"""Event logs of the real engine, recorded in a sandbox.

Left out of them are debug messages, what the policies said to objects that comply, and most objects
that stay as they are; paths of the machine were renamed. Nothing else was touched: the token that
the engine hides was a secret of that sandbox.
"""

from datetime import UTC, datetime
from pathlib import Path

from ops.delivery.preview.events import report
from ops.delivery.preview.report import Report

FOLDER = Path(__file__).parent / "streams"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
STREAMS = ("changes", "drift", "nothing", "policy-findings", "refused-settings")


def lines(name: str) -> list[str]:
    return (FOLDER / f"{name}.jsonl").read_text().splitlines()


def read(name: str, **more) -> Report:
    return report(lines(name), stack="sandbox", now=NOW, **more)
