"""Recorded series: from a file in the OpenMetrics text format to blocks of a database."""

import subprocess
from pathlib import Path

from sandbox.errors import UsageError

_BLOCK = "162h"
"""About a week. promtool reads the whole file once for every block, and its own are of 2 h."""


def load_recording(promtool: Path, recording: Path, data: Path) -> None:
    """Add the samples of a recording to the database of a Prometheus that does not run.

    Raises:
        UsageError: when the file is not what promtool takes.
    """
    command: list[str | Path] = [
        promtool,
        "tsdb",
        "create-blocks-from",
        f"--max-block-duration={_BLOCK}",
    ]
    answer = subprocess.run(
        [*command, "openmetrics", "--quiet", recording, data],
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        raise UsageError(
            f"{recording} cannot be loaded; it must be OpenMetrics text with a timestamp in "
            f"seconds behind every sample and '# EOF' at the end. promtool says: "
            f"{answer.stderr.strip()}"
        )
