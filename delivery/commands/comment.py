"""`comment` and `post`: a report as a comment on a pull request."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from delivery.commands.arguments import OK, Commands, command, repository
from delivery.console import say, show
from delivery.errors import UsageError
from delivery.github import upsert
from delivery.github.client import GitHub
from delivery.github.pulls import Run, finished_run, pull_request
from delivery.preview.markdown import comment, marker
from delivery.preview.report import Diagnostic, Report, Source, read

COMMENT = """\
  python -m delivery comment preview-prod.json"""
POST = """\
  python -m delivery post previews --stacks staging prod --event "$GITHUB_EVENT_PATH" \\
      --repository "$GITHUB_REPOSITORY"
  python -m delivery post previews --stacks prod --pull-request 17 --repository me/mine --dry-run"""
SOURCES: tuple[Source, ...] = ("engine", "rendered")
"""Where reports come from, the better first; each is an artifact, `preview-<source>-<stack>`."""


def register(commands: Commands) -> None:
    """Add the commands."""
    added = command(
        commands, "comment", run_comment, does="print a report as a comment", examples=COMMENT
    )
    added.add_argument("report", type=Path, help="report of a preview")
    added = command(
        commands,
        "post",
        run_post,
        does="keep the comments of a pull request up to date, one for each stack",
        examples=POST,
    )
    added.add_argument("folder", type=Path, help="folder with the reports, preview-<stack>.json")
    added.add_argument("--stacks", nargs="+", required=True, metavar="NAME", help="which stacks")
    which = added.add_mutually_exclusive_group(required=True)
    which.add_argument("--event", type=Path, metavar="FILE", help="event of a finished run")
    which.add_argument("--pull-request", type=int, metavar="NUMBER", help="the pull request")
    repository(added)


def run_comment(options: argparse.Namespace) -> int:
    """Print a comment."""
    show(comment(read(options.report)).rstrip())
    return OK


def run_post(options: argparse.Namespace) -> int:
    """Post comments."""
    if not options.repository:
        raise UsageError("--repository is missing; it says where the pull request is")
    run = finished_run(options.event) if options.event else None
    comments = list(_comments(options.folder, options.stacks, run))
    if options.dry_run:
        show("\n".join(text for _, text in comments).rstrip())
        return OK
    github = GitHub.from_environment(options.repository)
    number = pull_request(github, run) if run else options.pull_request
    if number is None:
        say("no open pull request has this commit as its last; there is nothing to say")
        return OK
    for stack, text in comments:
        done = upsert.comment(github, number, marker(stack), text, options.author)
        show(f"{stack}: {done.action} {done.url}")
    return OK


def _comments(folder: Path, stacks: list[str], run: Run | None) -> Iterator[tuple[str, str]]:
    """Each stack and its comment; a stack of which nothing was reported has failed."""
    for name in stacks:
        first, *others = _reports(folder, name, run) or [
            _failed(name, "engine", "the run ended before it could report")
        ]
        text = comment(
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
