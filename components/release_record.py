"""The record of a release: what the stack runs, and the papers that let it in.

It comes first, so that whatever refuses it refuses the whole stack. The policies
`platform-promotion-verdict` and `platform-release-record` judge it in every preview and `up`; an
`up` of which the policy pack was left out is refused here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pulumi
from pulumi_kubernetes.core.v1 import ConfigMap

from components.objects import TOKEN, metadata, namespace
from vocabulary.labels import OVERRIDDEN, PLATFORM, PROMOTED_BY, RECORD
from vocabulary.promotion.checkout import papers as lying_there
from vocabulary.promotion.errors import PaperError
from vocabulary.promotion.gate import Papers, Terms, judge
from vocabulary.promotion.history import kept, previous
from vocabulary.promotion.release import NAME, NAMESPACE, Release
from vocabulary.promotion.seal import claimed

OUTPUT = "release"
"""Name of the stack's output that holds the record; the next `up` looks there."""


def found() -> Papers:
    """The papers that lie beside the program."""
    try:
        return lying_there()
    except PaperError as error:
        raise pulumi.RunError(str(error)) from None


@dataclass(frozen=True)
class ReleaseRecordArgs:
    """What is recorded."""

    release: Release
    """What the stack runs."""

    terms: Terms | None
    """On which terms it is let in; None where nobody asks for papers."""

    papers: Papers = field(default_factory=found)
    """What lets it in; by default what lies beside the program."""


class ReleaseRecord(pulumi.ComponentResource):
    """A namespace of the platform's own, and the ConfigMap that says what is released."""

    record: pulumi.Output[dict[str, Any]]
    """What was recorded, for the stack's output `release`."""

    def __init__(
        self,
        name: str,
        args: ReleaseRecordArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(f"{TOKEN}:release_record:ReleaseRecord", name, None, opts)
        papers = _needed(args)
        if args.release.gate == "off":
            pulumi.log.warn("released without a gate: the stack file says promotion: off", self)
        waiver = claimed("override", papers.override)
        if waiver:
            pulumi.log.warn(f"released without a verdict: {_waived(waiver)}", self)
        last = _last_record() if args.terms else pulumi.Output.from_input(None)
        before = last.apply(lambda record: previous(record, papers))
        home = namespace(NAMESPACE, pulumi.ResourceOptions(parent=self))
        ConfigMap(
            f"{name}-record",
            metadata=metadata(
                NAME,
                NAMESPACE,
                part=PLATFORM,
                labels={RECORD: NAME},
                annotations=_annotations(kept(papers), waiver) or None,
            ),
            data={
                **args.release.data,
                "verdict": papers.verdict or "",
                "override": papers.override or "",
                "previous": before.apply(lambda last: last.model_dump_json() if last else ""),
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[home]),
        )
        self.record = before.apply(
            lambda last: {
                **args.release.model_dump(mode="json"),
                "verdict": kept(papers),
                "override": waiver or None,
                "previous": last.model_dump(mode="json") if last else None,
            }
        )
        self.register_outputs({"record": self.record})


def _needed(args: ReleaseRecordArgs) -> Papers:
    """The papers that count: none where nobody asks, and of two only the one that lets it in.

    A verdict that nobody believes would else be recorded as the last one. An `up` is refused here
    where they do not let it in; in a preview the policies say so.
    """
    if args.terms is None:
        return Papers()
    judgement = judge(args.papers, args.release, args.terms, datetime.now(UTC))
    if not judgement.passes and not pulumi.runtime.is_dry_run():
        found = "\n".join(f"  {objection.message}" for objection in judgement.objections)
        raise pulumi.RunError(f"{args.release.environment} is not changed:\n{found}")
    if not judgement.passes:
        return args.papers
    if not judgement.objections:
        return replace(args.papers, override=None)
    return args.papers if judgement.verdict else replace(args.papers, verdict=None)


def _last_record() -> pulumi.Output[dict[str, Any] | None]:
    """What this very stack recorded in its last `up`."""
    stack = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    return pulumi.StackReference("last-release", stack).get_output(OUTPUT)


def _annotations(verdict: Mapping[str, Any] | None, waiver: Mapping[str, Any]) -> dict[str, str]:
    notes = {}
    if verdict:
        notes[PROMOTED_BY] = "{environment} at {at}, {commit}, key {key}".format(**verdict)
    if waiver:
        notes[OVERRIDDEN] = _waived(waiver)
    return notes


def _waived(waiver: Mapping[str, Any]) -> str:
    return f"{waiver.get('reason')} ({waiver.get('by')}, until {waiver.get('until')})"
