"""`comment`: the reports of a preview as comments on a pull request, one for each stack.

Which pull request it is, and keeping its comments up to date, is the workflow's, with `gh`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from ops.commands import options
from ops.delivery.preview import markdown
from ops.delivery.preview.report import Diagnostic, Report, Source, read
from ops.errors import UsageError
from ops.files import write

SOURCES: tuple[Source, ...] = ("engine", "rendered")
"""Where reports come from, the better first; each is an artifact, `preview-<source>-<stack>`."""


@dataclass(frozen=True)
class Run:
    """A finished run, as GitHub tells of it: what it has left behind may say anything."""

    commit: str
    """What was previewed."""

    url: str
    """Where the run can be read."""

    fork: str = ""
    """`owner/name` of the repository whose code ran, when it is another than ours."""


@click.command(
    epilog="""\b
Examples:
  python -m ops comment . --stacks prod
  python -m ops comment previews --stacks staging --stacks prod --event "$GITHUB_EVENT_PATH" \\
      --into comments

FOLDER holds the reports, preview-<stack>.json.
"""
)
@click.argument("folder", type=options.FOLDER)
@click.option(
    "--stacks", multiple=True, required=True, metavar="NAME", help="Which stack; several."
)
@click.option("--event", type=options.FILE, help="Event of the finished run that left the reports.")
@click.option("--into", type=options.FOLDER, help="Write <stack>.md there; do not print.")
def comment(
    *, folder: Path, stacks: tuple[str, ...], event: Path | None, into: Path | None
) -> None:
    """Write the comments of a pull request, one for each stack."""
    for stack, text in _comments(folder, stacks, finished_run(event) if event else None):
        if into:
            write(into / f"{stack}.md", text)
        else:
            click.echo(text.rstrip())


def finished_run(event: Path) -> Run:
    """Read the event of a `workflow_run` trigger."""
    try:
        run: Any = json.loads(event.read_text(encoding="utf-8"))["workflow_run"]
        source, ours = run["head_repository"]["full_name"], run["repository"]["full_name"]
        return Run(run["head_sha"], run["html_url"], "" if source == ours else source)
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageError(f"{event} is no event of a workflow run") from None


def _comments(folder: Path, stacks: tuple[str, ...], run: Run | None) -> Iterator[tuple[str, str]]:
    """Each stack and its comment; a stack of which nothing was reported has failed."""
    for name in stacks:
        first, *others = _reports(folder, name, run) or [
            _failed(name, "engine", "the run ended before it could report")
        ]
        text = markdown.comment(
            first,
            run_url=run.url if run else "",
            other=others[0] if others else None,
            fork=run.fork if run else "",
        )
        yield name, text


def _reports(folder: Path, stack: str, run: Run | None) -> list[Report]:
    """The reports of a stack, the better first.

    What they are, and about what, is known by where they lie and by what GitHub says of the run; of
    what they say about themselves nothing is believed. The engine runs for our own branches only,
    so its report cannot come from elsewhere.
    """
    file = f"preview-{stack}.json"
    places: dict[Path, Source] = {
        folder / f"preview-{source}-{stack}" / file: source for source in SOURCES
    }
    if run:  # one artifact alone lies flat, whatever it was called
        places[folder / file] = "rendered"
    found = [
        _report(path, stack, source)
        for path, source in places.items()
        if path.exists() and not (source == "engine" and run and run.fork)
    ]
    if not run and not found and (folder / file).exists():
        found = [read(folder / file)]
    return [each.model_copy(update={"commit": run.commit}) if run else each for each in found]


def _report(path: Path, stack: str, source: Source) -> Report:
    """A report; one that cannot be read, or is about another stack, spoils no other."""
    try:
        report = read(path)
    except UsageError as error:
        return _failed(stack, source, f"the report cannot be read: {error}")
    if report.stack != stack:
        return _failed(stack, source, f"the report is about another stack, {report.stack}")
    return report.model_copy(update={"source": source})


def _failed(stack: str, source: Source, why: str) -> Report:
    said = Diagnostic(severity="error", message=why)
    return Report(stack=stack, source=source, succeeded=False, diagnostics=(said,))
