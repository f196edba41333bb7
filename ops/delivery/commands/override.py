"""`override`: letting a release pass without a verdict, and answering for it."""

from datetime import UTC, datetime, timedelta

import click
from pydantic import ValidationError

from ops.commands.options import SPAN
from ops.commands.output import say
from ops.delivery.commands.keys import lay, signing, signing_key
from ops.errors import UsageError
from vocabulary.promotion.checkout import OVERRIDE, release
from vocabulary.promotion.gate import LONGEST_OVERRIDE
from vocabulary.promotion.papers import Override, first_problem, written
from vocabulary.timing.duration import format_duration


@click.command(
    epilog="""\b
Examples:
  python -m ops override --reason "the gateway's certificate expires tonight" --by ada
  python -m ops override --reason "staging is down, incident 42" --by ada --for 2h --dry-run
"""
)
@click.option("--reason", required=True, help="Why; a sentence, for those who review it.")
@click.option("--by", required=True, help="The person who answers for it.")
@click.option(
    "--for",
    "lasting",
    type=SPAN,
    default="4h",
    show_default=True,
    help="How long it counts; a day at most.",
)
@signing
def override(reason: str, by: str, lasting: timedelta) -> None:
    """Let the checked-out content into production without a verdict; signed and recorded."""
    if lasting > LONGEST_OVERRIDE:
        most = format_duration(LONGEST_OVERRIDE)
        raise UsageError(f"--for {format_duration(lasting)} is too long; at most {most}")
    head, now = release("production"), datetime.now(UTC)
    if not head.is_clean:
        raise UsageError(
            f"the checkout is {head.commit}; an override is for the content of one commit, "
            "so commit what has changed first"
        )
    try:
        paper = Override(
            tree=head.tree,
            reason=" ".join(reason.split()),
            by=by,
            at=now,
            until=now + lasting,
        )
    except ValidationError as error:
        raise UsageError(f"--{first_problem(error)}") from None
    click.echo(paper.model_dump_json(by_alias=True, indent=2))
    if key := signing_key():
        lay(paper, key, OVERRIDE)
        say(f"it lets {head.commit[:12]} pass until {written(paper.until)}")
