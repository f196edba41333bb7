"""What the checkout knows: what it releases, and the papers that lie in it for the gate.

Papers are put into `.promotion/` by whoever promotes, or into the folder that `BRISA_PROMOTION`
names. They are not kept in Git: a verdict is about a commit and cannot be part of it.
"""

import os
import subprocess
from pathlib import Path
from typing import Literal

from vocabulary.promotion.errors import PaperError
from vocabulary.promotion.gate import Papers
from vocabulary.promotion.release import DIRTY, UNKNOWN, Release

ROOT = Path(__file__).resolve().parents[2]
FOLDER_VARIABLE = "BRISA_PROMOTION"
VERDICT, OVERRIDE = "verdict.json", "override.json"
LONGEST = 100_000
"""Characters of a paper at most; a ConfigMap must hold it."""

_GIT_SECONDS = 30


def commit(folder: Path = ROOT) -> str:
    """The commit of a checkout, marked when there are changes that it does not have."""
    head = _git(folder, "rev-parse", "HEAD")
    if not head:
        return UNKNOWN
    changes = _git(folder, "status", "--porcelain")
    return head if changes == "" else f"{head}{DIRTY}"


def release(environment: str, *, gated: bool = True, folder: Path = ROOT) -> Release:
    """What the checkout releases to an environment.

    `gated`: whether its stack file wants papers where they are asked for.
    """
    tree = _git(folder, "rev-parse", "HEAD^{tree}") or UNKNOWN
    gate: Literal["on", "off"] = "on" if gated else "off"
    return Release(environment=environment, commit=commit(folder), tree=tree, gate=gate)


def folder() -> Path:
    """Where the papers lie."""
    return Path(os.environ.get(FOLDER_VARIABLE) or ROOT / ".promotion")


def papers() -> Papers:
    """The papers that lie there.

    Raises:
        PaperError: when one is there but cannot be read.
    """
    return Papers(verdict=_text(folder() / VERDICT), override=_text(folder() / OVERRIDE))


def _text(path: Path) -> str | None:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise PaperError(f"{path.name} cannot be read: {error}") from None
    if len(text) > LONGEST:
        raise PaperError(f"{path.name} has more than {LONGEST} characters; that is no paper")
    return text


def _git(folder: Path, *arguments: str) -> str | None:
    """What a Git command prints; None when it fails."""
    environment = {name: value for name, value in os.environ.items() if not _redirects(name)}
    try:
        answer = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_GIT_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()


def _redirects(variable: str) -> bool:
    """Whether a variable makes Git look at another repository than that of the folder."""
    return variable in {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"}
