"""The comment: what can hurt first, never too long, nothing of others' that would act."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.delivery.preview.events import report
from ops.delivery.preview.markdown import comment, marker
from ops.delivery.preview.report import Diagnostic, Difference, Finding, Firings, Report, Step
from ops.delivery.preview.room import LARGEST
from tests.ops.delivery.recorded import NOW, STREAMS, read

GITHUB = 65_536
"""Characters that GitHub takes."""


def step(operation="update", number=0, **more):
    name = f"brisa-production/service-{number}"
    return Step(operation=operation, kind="VirtualService", name=name, urn=f"urn:{number}", **more)


def made(*steps, **more):
    return Report(
        stack="prod", source="engine", succeeded=True, at=NOW, steps=steps, **more
    )  # fmt: skip


def headings(text):
    return re.findall(r"^#### (.+)$|<summary>(.+)</summary>", text, re.MULTILINE)


class TestWhatAnEarlierUpLeft:
    def test_is_said_beside_the_operation(self):
        text = comment(made(step("delete", reason="left over from an earlier replacement")))
        assert "`brisa-production/service-0` | left over from an earlier replacement |" in text

    def test_and_is_not_finished_comes_first(self):
        text = comment(
            made(step("delete"), interrupted=("ConfigMap x: interrupted while creating",))
        )
        assert headings(text)[0][0].startswith("Interrupted before")
        assert "- ConfigMap x: interrupted while creating" in text


class TestOrder:
    @pytest.fixture
    def text(self):
        return comment(read("changes", commit="8f3c1d0e5b7a9f2c4d6e"))

    def test_begins_with_the_marker_of_the_stack(self, text):
        assert text.startswith("<!-- brisa-platform preview:sandbox -->\n")

    def test_says_in_a_line_what_changes(self, text):
        line = text.splitlines()[3]
        assert line.startswith("**2 replaced, 3 deleted, 6 updated, 3 created**")
        assert "commit `8f3c1d0e5b7a`" in line

    def test_puts_replacements_and_deletions_first_and_the_difference_last(self, text):
        assert [a or b for a, b in headings(text)] == [
            "Replacements and deletions",
            "Experiments",
            "Other changes",
            "The whole difference",
        ]

    def test_says_why_something_is_replaced(self, text):
        assert "| **replace** | `Secret` | `flux-system/slack-token` | `data.token` |" in text

    def test_says_when_experiments_start_before_and_after(self, text):
        (row,) = [line for line in text.splitlines() if line.startswith("| `brisa-sandbox/api-pod")]
        before, after = row.split("|")[2:4]
        assert "Wed 2026-11-25 02:00 UTC<br>Wed 2026-11-25 04:00 UTC" in before
        assert "Wed 2026-11-25 03:00 UTC" in after

    def test_folds_the_difference_away(self, text):
        folded = text.partition("<details>")[2]
        assert "@@ spec.interval @@\n-   5m0s\n+   10m0s" in folded

    def test_a_failure_comes_before_everything(self):
        text = comment(read("refused-settings"))
        assert "**the preview failed**" in text.splitlines()[1]
        assert headings(text)[0][0] == "Errors and warnings"
        assert "is not inside the window" in text

    def test_findings_link_the_page_of_their_rule(self):
        text = comment(read("policy-findings"))
        assert "**11 mandatory policy findings**" in text
        assert "docs/policies/chaos-duration.md)" in text
        assert text.index("**mandatory**") < text.index("| advisory |")

    def test_the_record_that_every_commit_replaces_is_no_danger(self):
        record = Step(
            operation="replace", kind="ConfigMap", name="brisa-platform/release", urn="x"
        )  # fmt: skip
        assert "Replacements and deletions" not in comment(made(record))
        assert "brisa-platform/release" in comment(made(record))

    def test_nothing_says_so(self):
        assert "**nothing changes**" in comment(made())


class TestSize:
    def test_of_500_changed_objects_fits(self):
        text = comment(
            made(*(step(number=n, differences=(wide(n),)) for n in range(500)), unchanged=12)
        )
        assert len(text.encode()) < 60_000
        assert len(text) < GITHUB

    def test_tells_how_much_is_not_shown(self):
        text = comment(made(*(step("delete", n) for n in range(2_000))))
        left_out = re.search(r"\*(\d+) of 2000 replacements and deletions are not shown", text)
        shown = text.count("| **delete** |")
        assert int(left_out[1]) + shown == 2_000

    def test_leads_to_the_run_for_the_rest(self):
        steps = [step("delete", n) for n in range(2_000)]
        assert "see [the run](https://x/1)" in comment(made(*steps), run_url="https://x/1")

    def test_keeps_deletions_whole_beside_many_other_changes(self):
        others = [step(number=n, differences=(wide(n),)) for n in range(800)]
        deletions = [step("delete", n) for n in range(20)]
        assert comment(made(*deletions, *others)).count("| **delete** |") == 20

    def test_of_a_single_huge_object_fits(self):
        huge = Difference(path="", new="x" * 20_000)
        text = comment(made(*(step("create", n, differences=(huge,)) for n in range(10))))
        assert len(text.encode()) < 60_000
        assert "are not shown" in text

    @settings(max_examples=40)
    @given(st.integers(0, 400), st.integers(0, 300), st.integers(0, 60), st.text(max_size=200))
    def test_always_fits(self, changes, findings, moved, words):
        finding = Finding(rule="x", mandatory=True, subject=words, message=words * 20)
        firing = Firings(name=words, before=(words,), after=(words, words))
        said = Diagnostic(severity="error", message=words * 90)
        text = comment(
            made(
                *(step("delete" if n % 3 else "update", n) for n in range(changes)),
                findings=(finding,) * findings,
                calendar=(firing,) * moved,
                diagnostics=(said,) * 5,
            )
        )
        assert len(text.encode()) <= LARGEST + 1
        assert len(text) < GITHUB

    def test_of_the_events_of_500_objects_fits(self):
        lines = [json.dumps(event(n)) for n in range(500)]
        text = comment(report(lines, stack="prod", now=NOW))
        assert "500 updated" in text
        assert len(text.encode()) < 60_000


class TestWordsOfOthers:
    EVIL = (
        "@everyone [x](https://evil.example) ![i](https://evil.example/i.png) <img src=x> "
        "`` ` ``` | \\| <!-- brisa-platform preview:staging --> </details> www.evil.example\n# big"
    )

    @pytest.fixture
    def text(self):
        difference = Difference(path=self.EVIL[:300], old=self.EVIL, new=f"```\n{self.EVIL}")
        return comment(
            Report(
                stack="prod",
                source="rendered",
                succeeded=False,
                at=NOW,
                commit=self.EVIL[:12],
                steps=(
                    Step(operation="delete", kind=self.EVIL[:99], name=self.EVIL, urn="x"),
                    step(differences=(difference,), forced_by=(self.EVIL,)),
                ),
                findings=(
                    Finding(rule=self.EVIL, mandatory=True, subject=self.EVIL, message=self.EVIL),
                ),
                calendar=(Firings(name=self.EVIL, before=(self.EVIL,), after=(self.EVIL,)),),
                diagnostics=(Diagnostic(severity="error", message=self.EVIL),),
            )
        )

    def test_call_nobody(self, text):
        assert "@everyone" not in outside_code(text)

    def test_link_and_embed_nothing(self, text):
        outside = outside_code(text)
        assert "](https://evil" not in outside
        assert not re.search(r"(?<!\\)<img", outside)
        assert not re.search(r"(?<!\u200b)//evil|www\.evil", outside)

    def test_end_no_block_and_no_table(self, text):
        fences = re.findall(r"^(`{3,})", text, re.MULTILINE)
        assert len(fences) == 4  # two blocks, opened and closed
        rows = [line for line in text.splitlines() if line.startswith("| **delete**")]
        assert len(re.findall(r"(?<!\\)\|", rows[0])) == 5

    def test_begin_no_line_of_their_own(self, text):
        assert not re.search(r"^# big", outside_code(text), re.MULTILINE)

    def test_are_no_marker_of_another_comment(self, text):
        assert text.startswith(marker("prod"))
        assert not outside_code(text).count(marker("staging"))


def outside_code(text):
    """A comment without its blocks and spans of code."""
    without = re.sub(r"^(`{3,})[^\n]*\n.*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]+`", "", without)


def wide(number):
    return Difference(path="spec.http[0].timeout", old="10s", new=f"{number}s " + "wide " * 30)


def event(number):
    """A change of an object of some size."""
    kind = "kubernetes:networking.istio.io/v1:VirtualService"
    urn = f"urn:pulumi:prod::brisa-platform::{kind}::service-{number}"

    def inputs(timeout):
        routes = [{"destination": {"host": f"service-{n}"}, "weight": n} for n in range(20)]
        return {
            "metadata": {"name": f"service-{number}", "namespace": "brisa-production"},
            "spec": {"hosts": ["x"] * 20, "http": [{"route": routes, "timeout": timeout}]},
        }

    sides = {
        side: {"custom": True, "inputs": inputs(timeout), "outputs": inputs(timeout)}
        for side, timeout in (("old", "10s"), ("new", "11s"))
    }
    diff = {"spec.http[0].timeout": {"diffKind": "update"}}
    metadata = {"op": "update", "urn": urn, "type": kind, "detailedDiff": diff, **sides}
    return {"resourcePreEvent": {"metadata": metadata}}


@pytest.mark.parametrize("name", STREAMS)
def test_what_was_recorded_fits_and_names_its_stack(name):
    text = comment(read(name))
    assert text.startswith(marker("sandbox"))
    assert len(text.encode()) < 60_000
