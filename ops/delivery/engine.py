"""The Pulumi CLI, run for a stack of the checkout, and what it had to say.

An `up` takes the policy pack along, and with it `policy/<stack>.json`: the engine leaves both out
unless it is told.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ops.delivery.policies import policy_flags
from ops.delivery.preview.events import cleaned, report
from ops.delivery.preview.report import Diagnostic, Report
from ops.errors import EngineError
from ops.stack import ROOT

TAIL = 30
"""Lines of the engine's own words that are shown when its events say nothing."""


@dataclass(frozen=True)
class Engine:
    """The engine, on one stack."""

    stack: str
    """Name of the stack."""

    folder: Path = ROOT
    """Where `Pulumi.yaml` is."""

    variables: Mapping[str, str] | None = None
    """Environment variables on top of one's own."""

    def preview(self, *flags: str, commit: str = "", quiet: bool = False) -> Report:
        """What an `up` would change; `quiet` keeps the engine's own words back."""
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "events.jsonl"
            done = self._run(
                *("preview", "--stack", self.stack, "--event-log", str(log), *flags),
                *("--non-interactive", "--color", "never"),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        if not quiet:
            sys.stderr.write(done.stdout)
        failed = done.returncode != 0
        now = datetime.now(UTC)
        found = report(lines, stack=self.stack, now=now, commit=commit, failed=failed)
        if failed and not found.diagnostics and not found.findings:
            words = cleaned("\n".join(done.stdout.splitlines()[-TAIL:]))
            said = Diagnostic(severity="error", message=words or "the engine failed silently")
            return found.model_copy(update={"diagnostics": (said,)})
        return found

    def up(self, *flags: str) -> None:
        """Bring the stack up, on this terminal, with its policies.

        Raises:
            EngineError: when it fails.
        """
        if self._run("up", "--stack", self.stack, *flags, *policy_flags(self.stack)).returncode:
            raise EngineError(f"pulumi up of {self.stack} failed; see its messages above")

    def output(self, name: str) -> Any:
        """An output of the stack's last `up`; None when there is none."""
        return json.loads(self.read("stack", "output", "--json", "--stack", self.stack)).get(name)

    def read(self, *command: str) -> str:
        """What a command prints.

        Raises:
            EngineError: when it fails.
        """
        done = self._run(*command, "--non-interactive", capture_output=True)
        if done.returncode:
            what = " ".join(command[:2])
            raise EngineError(f"pulumi {what} of {self.stack} failed: {cleaned(done.stderr)}")
        return str(done.stdout)

    def _run(self, *command: str, **streams: Any) -> "subprocess.CompletedProcess[str]":
        program = shutil.which("pulumi")
        if program is None:
            raise EngineError("pulumi is missing; install it, or put it on PATH")
        own = {"PULUMI_SKIP_UPDATE_CHECK": "true", "PULUMI_DEBUG_COMMANDS": "true"}
        variables = {**os.environ, **own, **(self.variables or {})}
        return subprocess.run(
            [program, *command], cwd=self.folder, env=variables, text=True, check=False, **streams
        )
