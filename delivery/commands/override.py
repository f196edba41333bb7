"""`override`: letting a release pass without a verdict, and answering for it."""

import argparse
import getpass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import ValidationError

from delivery.commands.arguments import OK, Commands, command, duration
from delivery.console import say, show
from delivery.errors import UsageError
from delivery.files import write
from promotion.checkout import OVERRIDE, commit, folder
from promotion.papers import Override, first_problem, written
from promotion.release import DIRTY, UNKNOWN

EXAMPLES = """\
  python -m delivery override --reason "the gateway's certificate expires tonight"
  python -m delivery override --reason "staging is down, incident 42" --by ada --for 2h --dry-run"""


def register(commands: Commands) -> None:
    """Add the command."""
    added = command(
        commands,
        "override",
        run,
        does="let the checked-out commit into production without a verdict; it is recorded",
        examples=EXAMPLES,
    )
    added.add_argument("--reason", required=True, help="why; a sentence, for those who review it")
    added.add_argument("--by", help="who answers for it (default: the user)")
    added.add_argument(
        "--for",
        dest="lasting",
        type=duration,
        default=timedelta(hours=4),
        metavar="DURATION",
        help="how long it counts (default: 4h; production allows a day at most)",
    )
    added.add_argument("--into", type=Path, metavar="FILE", help="where to (default: .promotion)")
    added.add_argument("--dry-run", action="store_true", help="write nothing")


def run(options: argparse.Namespace) -> int:
    """Write an override for the commit that is checked out."""
    head = commit()
    if head == UNKNOWN:
        raise UsageError("the commit is not known; an override is for one commit of a checkout")
    try:
        paper = Override(
            commit=head.removesuffix(DIRTY),
            reason=" ".join(options.reason.split()),
            by=options.by or getpass.getuser(),
            until=datetime.now(UTC) + options.lasting,
        )
    except ValidationError as error:
        raise UsageError(f"--{first_problem(error)}") from None
    text = paper.model_dump_json(indent=2) + "\n"
    show(text.rstrip())
    if options.dry_run:
        return OK
    path = options.into or folder() / OVERRIDE
    write(path, text)
    say(f"wrote {path}; it lets {paper.commit[:12]} pass until {written(paper.until)}")
    return OK
