"""From timelines to a file, in the format that its name asks for."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from anomaly.errors import OutputError, UsageError
from anomaly.plotting.timeline import Timeline, figure


def check(path: Path) -> None:
    """Whether a file of that name can be drawn here; asked before any work is done.

    Raises:
        UsageError: with what to do instead.
    """
    if path.suffix not in (".svg", ".png"):
        raise UsageError(f"{path} is neither .svg nor .png")
    if path.suffix == ".png" and not find_spec("matplotlib"):
        raise UsageError(f"{path} needs matplotlib, which is not installed; use .svg")


def draw(path: Path, timelines: Sequence[Timeline]) -> None:
    """Draw timelines, one below the other.

    Raises:
        OutputError: the file cannot be written.
    """
    try:
        if path.suffix == ".png":
            from anomaly.plotting.png import save  # noqa: PLC0415 - not in every environment

            save(path, timelines)
        else:
            path.write_text(figure(timelines), encoding="utf-8")
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from None
