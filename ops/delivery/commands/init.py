"""`init`: the first stack file."""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click
import yaml

from ops.commands import options
from ops.commands.output import say
from ops.delivery.init.checking import objections
from ops.delivery.init.draft import policy_file, stack_file
from ops.delivery.init.proposal import Proposal, propose
from ops.delivery.init.questions import QUESTIONS, Answers, Question
from ops.delivery.rendering.rendering import render
from ops.delivery.rendering.stacks import is_secret, readable
from ops.errors import UsageError
from ops.files import read_mapping, write

F = TypeVar("F", bound=Callable[..., Any])
HEAD = "# Every key is told by docs/configuration.md; python -m ops doctor looks whether it fits.\n"


def _flags(command: F) -> F:
    for question in reversed(QUESTIONS):
        if question.name != "context":  # as every command has it, for the cluster that is asked
            command = click.option(f"--{question.name}", help=f"{question.asked}.")(command)
    return command


@click.command(
    epilog="""\b
Examples:
  python -m ops init --stack prod                       asks, and checks every answer at once
  python -m ops init --stack prod --from-cluster        proposes what the cluster has
  python -m ops init --stack prod --yes --context prod --services shop/web:80 \\
      --repository https://git.example.org/shop --promotion off
"""
)
@options.stack(required=True)
@click.option("--from-cluster", is_flag=True, help="Propose what the cluster has; changes nothing.")
@_flags
@options.cluster
@options.cwd
@options.kept("-y", "--yes", is_flag=True, help="Take what is proposed; ask nothing.")
@click.option("--force", is_flag=True, help="Write over a stack file that says something already.")
@click.option("--dry-run", is_flag=True, help="Print the files; write nothing.")
def init(
    *,
    stack: str,
    from_cluster: bool,
    cwd: Path,
    force: bool,
    dry_run: bool,
    **flags: str | None,
) -> None:
    """Write the files of a new stack, which the program takes as they are.

    One environment without staging is a valid answer: --promotion off.
    """
    path, policies = cwd / f"Pulumi.{stack}.yaml", cwd / "policy" / f"{stack}.json"
    kept = {} if dry_run else _kept(path, policies, force=force)
    proposal = Proposal()
    if from_cluster:
        proposal = propose(options.asked_cluster())
        for each in proposal.left_out:
            say(f"left out {each}")
    flags["context"] = options.given("context")
    given = {key: text for key, text in flags.items() if text is not None}
    answers = _answered(stack, given, proposal, ask=not options.given("yes") and sys.stdin.isatty())
    config = stack_file(answers, proposal.live)
    done = render(stack, readable({"config": config}))
    if done.diagnostics:
        raise UsageError(done.diagnostics[0].message)
    files = {path: HEAD + _yaml({**kept, "config": {**config, **kept.get("config", {})}})}
    if policy := policy_file(answers, read_mapping(policies, optional=True)):
        # First, so that a stack file never lies there without its gate.
        files = {policies: json.dumps(policy, indent=2) + "\n", **files}
    for file, text in files.items():
        if dry_run:
            click.echo(f"# {file.relative_to(cwd)}\n{text}")
        else:
            write(file, text)
            say(f"wrote {file}")
    for finding in done.findings:
        say(f"{finding.level} {finding.rule}: {finding.message}")
    say(f"next: python -m ops doctor --stack {stack}, then make preview STACK={stack}")


def _kept(path: Path, policies: Path, *, force: bool) -> dict[str, Any]:
    """What a stack file has that is the engine's: its salt or key, and secrets.

    Raises:
        UsageError: when something is there that nobody has said to write over.
    """
    content = read_mapping(path, optional=True)
    there = [each.name for each in (path, policies) if each.exists()]
    if not force and (content.get("config") or policies.exists()):
        raise UsageError(f"{' and '.join(there)} would be written over; give --force for that")
    values = content.get("config") or {}
    secrets = {key: each for key, each in values.items() if is_secret(each)}
    return {**content, "config": secrets}


def _answered(stack: str, given: Answers, proposal: Proposal, *, ask: bool) -> Answers:
    """All answers: given, asked for, or as proposed.

    Raises:
        UsageError: when somebody has to say what nobody is there to be asked for.
    """
    answers: dict[str, str] = {}
    missing = []
    for question in QUESTIONS:
        if not question.applies(answers):
            continue
        proposed = proposal.answers.get(question.name) or question.proposal(answers)
        if question.name in given:
            answers[question.name] = given[question.name]
        elif ask:
            answers[question.name] = _asked(stack, question, proposed, answers, proposal)
        elif proposed is not None:
            answers[question.name] = proposed
        else:
            missing.append(f"--{question.name}")
            answers[question.name] = ""
    if missing:
        raise UsageError(f"nobody is there to be asked; give {', '.join(missing)}")
    return answers


def _asked(
    stack: str, question: Question, proposed: str | None, answers: Answers, proposal: Proposal
) -> str:
    """Ask until the program has nothing against the answer."""

    def checked(text: str) -> str:
        try:
            draft = stack_file({**answers, question.name: text}, proposal.live)
        except UsageError as error:
            raise click.UsageError(str(error)) from None
        if wrong := objections(stack, draft):
            raise click.UsageError(f"that cannot be\n{wrong}")
        return text

    return str(click.prompt(question.asked, default=proposed, value_proc=checked, err=True))


def _yaml(content: Mapping[str, Any]) -> str:
    text: str = yaml.safe_dump(
        dict(content), sort_keys=False, default_flow_style=None, width=120, allow_unicode=True
    )
    return text
