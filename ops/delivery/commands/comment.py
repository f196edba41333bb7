"""`comment` and `post`: a report as a comment on a pull request."""

from collections.abc import Iterator
from pathlib import Path

import click

from ops.commands import options
from ops.commands.output import say
from ops.delivery.commands.repository import asked_github, repository
from ops.delivery.github import upsert
from ops.delivery.github.pulls import Run, finished_run
from ops.delivery.github.pulls import pull_request as pull_request_of
from ops.delivery.preview import markdown
from ops.delivery.preview.report import Diagnostic, Report, Source, read
from ops.errors import UsageError

SOURCES: tuple[Source, ...] = ("engine", "rendered")
"""Where reports come from, the better first; each is an artifact, `preview-<source>-<stack>`."""


@click.command(
    epilog="""\b
Examples:
  python -m ops comment preview-prod.json
"""
)
@click.argument("report", type=options.FILE)
def comment(*, report: Path) -> None:
    """Print a report of a preview as a comment."""
    click.echo(markdown.comment(read(report)).rstrip())


@click.command(
    epilog="""\b
Examples:
  python -m ops post previews --stacks staging --stacks prod --event "$GITHUB_EVENT_PATH" \\
      --repository "$GITHUB_REPOSITORY"
  python -m ops post previews --stacks prod --pull-request 17 --repository me/mine --dry-run

FOLDER holds the reports, preview-<stack>.json.
"""
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--stacks", multiple=True, required=True, metavar="NAME", help="Which stack; several."
)
@click.option("--event", type=options.FILE, help="Event of a finished run.")
@click.option("--pull-request", type=int, metavar="NUMBER", help="The pull request.")
@repository
def post(
    *, folder: Path, stacks: tuple[str, ...], event: Path | None, pull_request: int | None
) -> None:
    """Keep the comments of a pull request up to date, one for each stack."""
    if (event is None) == (pull_request is None):
        raise UsageError("say which pull request: --event FILE, or --pull-request NUMBER")
    github = asked_github()
    run = finished_run(event) if event else None
    comments = list(_comments(folder, stacks, run))
    if github is None:
        click.echo("\n".join(text for _, text in comments).rstrip())
        return
    number = pull_request_of(github, run) if run else pull_request
    if number is None:
        say("no open pull request has this commit as its last; there is nothing to say")
        return
    for stack, text in comments:
        done = upsert.comment(github, number, markdown.marker(stack), text)
        click.echo(f"{stack}: {done.action} {done.url}")


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
