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
from delivery.preview.report import Diagnostic, Report, read

COMMENT = """\
  python -m delivery comment preview-prod.json"""
POST = """\
  python -m delivery post previews --stacks staging prod --event "$GITHUB_EVENT_PATH" \\
      --repository "$GITHUB_REPOSITORY"
  python -m delivery post previews --stacks prod --pull-request 17 --repository me/mine --dry-run"""
SOURCES = ("engine", "rendered")
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
    reports = list(_reports(options.folder, options.stacks, run))
    if options.dry_run:
        show("\n".join(comment(each, run_url=run.url if run else "") for each in reports).rstrip())
        return OK
    github = GitHub.from_environment(options.repository)
    number = pull_request(github, run) if run else options.pull_request
    if number is None:
        say("no open pull request has this commit as its last; there is nothing to say")
        return OK
    for each in reports:
        text = comment(each, run_url=run.url if run else "")
        done = upsert.comment(github, number, marker(each.stack), text, options.author)
        show(f"{each.stack}: {done.action} {done.url}")
    return OK


def _reports(folder: Path, stacks: list[str], run: Run | None) -> Iterator[Report]:
    """The report of each stack; a stack of which nothing was reported has failed."""
    for name in stacks:
        file = f"preview-{name}.json"
        places = [folder / f"preview-{source}-{name}" / file for source in SOURCES]
        found = next((path for path in (*places, folder / file) if path.exists()), None)
        if found is None:
            said = Diagnostic(severity="error", message="the run ended before it could report")
            report = Report(stack=name, source="engine", succeeded=False, diagnostics=(said,))
        else:
            report = read(found)
        if report.stack != name:
            raise UsageError(f"{found} is about {report.stack}, not {name}")
        # What was previewed is what GitHub says, not what the run says of itself.
        yield report.model_copy(update={"commit": run.commit}) if run else report
