"""`override`: letting a release pass without a verdict, and answering for it."""

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import ValidationError

from delivery.commands.arguments import OK, Commands, command, duration
from delivery.commands.keys import VARIABLE, signing_key
from delivery.console import say, show
from delivery.errors import UsageError
from delivery.files import write
from promotion.checkout import OVERRIDE, folder, release
from promotion.gate import LONGEST_OVERRIDE
from promotion.papers import Override, first_problem, written
from promotion.seal import sealed
from timing.duration import format_duration

EXAMPLES = """\
  python -m delivery override --reason "the gateway's certificate expires tonight" --by ada
  python -m delivery override --reason "staging is down, incident 42" --by ada --for 2h --dry-run"""


def register(commands: Commands) -> None:
    """Add the command."""
    added = command(
        commands,
        "override",
        run,
        does="let the checked-out content into production without a verdict; signed and recorded",
        examples=EXAMPLES,
    )
    added.add_argument("--reason", required=True, help="why; a sentence, for those who review it")
    added.add_argument("--by", required=True, help="the person who answers for it")
    added.add_argument(
        "--key", type=Path, metavar="FILE", help=f"private key (default: {VARIABLE})"
    )
    added.add_argument(
        "--for",
        dest="lasting",
        type=duration,
        default=timedelta(hours=4),
        metavar="DURATION",
        help="how long it counts (default: 4h; a day at most)",
    )
    added.add_argument("--into", type=Path, metavar="FILE", help="where to (default: .promotion)")
    added.add_argument("--dry-run", action="store_true", help="write nothing")


def run(options: argparse.Namespace) -> int:
    """Write an override for what is checked out."""
    if options.lasting > LONGEST_OVERRIDE:
        most = format_duration(LONGEST_OVERRIDE)
        raise UsageError(f"--for {format_duration(options.lasting)} is too long; at most {most}")
    head, now = release("production"), datetime.now(UTC)
    if not head.is_clean:
        raise UsageError(
            f"the checkout is {head.commit}; an override is for the content of one commit, "
            "so commit what has changed first"
        )
    try:
        paper = Override(
            tree=head.tree,
            reason=" ".join(options.reason.split()),
            by=options.by,
            at=now,
            until=now + options.lasting,
        )
    except ValidationError as error:
        raise UsageError(f"--{first_problem(error)}") from None
    show(paper.model_dump_json(by_alias=True, indent=2))
    if options.dry_run:
        return OK
    path = options.into or folder() / OVERRIDE
    write(path, sealed(paper, signing_key(options.key)))
    say(f"wrote {path}; it lets {head.commit[:12]} pass until {written(paper.until)}")
    return OK
