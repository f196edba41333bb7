"""Recorded series: from a file in the OpenMetrics text format to blocks of a database."""

import subprocess
from pathlib import Path

from sandbox.errors import UsageError


def load_recording(promtool: Path, recording: Path, data: Path) -> None:
    """Add the samples of a recording to the database of a Prometheus that does not run.

    Raises:
        UsageError: when the file is not what promtool takes.
    """
    answer = subprocess.run(
        [promtool, "tsdb", "create-blocks-from", "openmetrics", "--quiet", recording, data],
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
