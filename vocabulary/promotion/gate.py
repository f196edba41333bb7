"""The gate: whether papers let a release pass, and if not, everything that speaks against it.

Pure: the moment, the release and the terms are given.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from vocabulary.promotion.errors import PromotionError, SealError
from vocabulary.promotion.papers import (
    CHECKS,
    Check,
    Override,
    Promoted,
    Result,
    Verdict,
    read,
    written,
)
from vocabulary.promotion.release import DIRTY, Release
from vocabulary.promotion.seal import believed
from vocabulary.timing.duration import format_duration

LONGEST_OVERRIDE = timedelta(days=1)
"""How long an override counts at most, whatever it or the terms say."""


@dataclass(frozen=True)
class Terms:
    """On which terms a release passes."""

    trusted: Sequence[str] = ()
    """Public keys whose verdicts and overrides are believed."""

    tried_in: str = "staging"
    """Environment whose verdict counts."""

    longest_life: timedelta = timedelta(days=1)
    """How long after it was given a verdict counts at most, whatever it says itself."""

    clock_skew: timedelta = timedelta(minutes=5)
    """How far ahead the clock of whoever signed may be."""

    require: frozenset[Check] = frozenset()
    """What must have been judged; of the rest, what was not is named and let pass."""

    lowest_grade: float = 0.0
    """The detector's grade, where it has one, must not be below this."""

    longest_override: timedelta = LONGEST_OVERRIDE
    """How long an override may count."""


@dataclass(frozen=True)
class Papers:
    """What is shown at the gate; texts as they were found."""

    verdict: str | None = None
    """A sealed verdict."""

    override: str | None = None
    """An override."""

    previous: str | None = None
    """What was promoted last."""


@dataclass(frozen=True)
class Objection:
    """One thing that speaks against a release."""

    code: str
    """What kind of thing, for programs."""

    message: str
    """What is wrong, and what to do, in a sentence."""

    paper: str = "verdict"
    """Which paper it is about."""


@dataclass(frozen=True)
class Judgement:
    """What the gate says."""

    verdict: Verdict | None
    """The verdict, if it is to be believed."""

    override: Override | None
    """The override, if it holds."""

    objections: tuple[Objection, ...]
    """What speaks against the release; with an override, what that overrides."""

    @property
    def passes(self) -> bool:
        """Whether the release may go on."""
        return not self.objections or self.override is not None


def judge(papers: Papers, release: Release, terms: Terms, now: datetime) -> Judgement:
    """Hold papers against a release; an override is looked at only where one is needed."""
    verdict, found = _verdict(papers, release, terms, now)
    if not found or not papers.override:
        return Judgement(verdict, None, tuple(found))
    override, wrong = _override(papers.override, release, terms, now)
    return Judgement(verdict, override, (*found, *wrong))


def _unclean(release: Release) -> str:
    if release.commit.endswith(DIRTY):
        return (
            "the checkout has changes that no commit has, so nobody can have tried or reviewed "
            "them; commit them (`git status` names them), or take them back"
        )
    return "the checkout's content is not known to Git; promote from a clone of the repository"


def _verdict(
    papers: Papers, release: Release, terms: Terms, now: datetime
) -> tuple[Verdict | None, list[Objection]]:
    if not papers.verdict:
        return None, [Objection("missing", _MISSING.format(terms.tried_in, release.environment))]
    if not terms.trusted:
        return None, [Objection("no-trusted-key", _NO_KEY)]
    try:
        verdict = believed(Verdict, papers.verdict, terms.trusted)
        previous = read(Promoted, papers.previous) if papers.previous else None
    except SealError as error:
        return None, [Objection("not-believed", str(error))]
    except PromotionError as error:
        return None, [Objection("unreadable", str(error))]
    objections = [
        *_time(verdict, terms, now, previous),
        *_match(verdict, release, terms),
        *health(verdict, terms),
    ]
    return verdict, objections


_MISSING = (
    "there is no verdict of {0}; take one (`python -m ops verdict`) and promote with it, or "
    "say why {1} must change without (`python -m ops override --reason TEXT --by PERSON`)"
)
_NO_KEY = (
    "no key is trusted, so no paper can be believed; list the public key of who signs in "
    "trustedKeys (`python -m ops key FILE` makes a pair)"
)


def _time(
    verdict: Verdict, terms: Terms, now: datetime, previous: Promoted | None
) -> Iterator[Objection]:
    given, ends = verdict.at, min(verdict.expires, verdict.at + terms.longest_life)
    if given > now + terms.clock_skew:
        yield Objection("future", f"the verdict is dated {written(given)}, which is yet to come")
    if now >= ends:
        yield Objection(
            "expired",
            f"the verdict counted until {written(ends)}; take a new one of what "
            f"{terms.tried_in} runs",
        )
    if previous and given < previous.at:
        yield Objection(
            "replayed",
            f"the verdict of {written(given)} is older than the one that was promoted last, of "
            f"{written(previous.at)}; to go back to {verdict.commit[:12]}, try it again in "
            f"{terms.tried_in} and take a new verdict",
        )


def _match(verdict: Verdict, release: Release, terms: Terms) -> Iterator[Objection]:
    tried = terms.tried_in
    if verdict.environment != tried:
        yield Objection(
            "environment",
            f"the verdict is about {verdict.environment}; only one of {tried} counts",
        )
    if not release.is_clean:
        yield Objection("commit", _unclean(release))
    elif verdict.commit.endswith(DIRTY):
        yield Objection(
            "commit",
            f"what {tried} runs has changes that no commit has; deploy it from a clean checkout",
        )
    elif verdict.tree != release.tree:
        yield Objection(
            "tree",
            f"{tried} runs other content: {verdict.commit[:12]} has the tree {verdict.tree[:12]}, "
            f"and this checkout {release.tree[:12]}; deploy this to {tried} first "
            f"(`git diff {verdict.commit[:12]}` shows what differs)",
        )


def health(verdict: Verdict, terms: Terms) -> Iterator[Objection]:
    """What speaks against a release in what was seen of it, whoever wants it."""
    tried = terms.tried_in
    for name, found in checks(verdict).items():
        if found.result == "failed":
            yield Objection(name, f"{name} failed in {tried}: {found.reason}")
        elif found.result == "none" and name in terms.require:
            yield Objection(name, f"{name} was not judged in {tried}, and must be: {found.reason}")
        elif found.score is not None and found.score < terms.lowest_grade:
            yield Objection(
                name, f"the {name}'s grade is {found.score:g}, below {terms.lowest_grade:g}"
            )


def checks(verdict: Verdict) -> dict[Check, Result]:
    """Every check, also those that the verdict leaves out."""
    nothing = Result(result="none", reason="it was not asked for")
    return {name: verdict.checks.get(name, nothing) for name in CHECKS}


def _override(
    text: str, release: Release, terms: Terms, now: datetime
) -> tuple[Override | None, list[Objection]]:
    try:
        override = believed(Override, text, terms.trusted)
    except PromotionError as error:
        return None, [Objection("override", str(error), "override")]
    longest = min(terms.longest_override, LONGEST_OVERRIDE)
    wrong = ""
    if not release.is_clean:
        return None, [Objection("override", _unclean(release), "override")]
    if not override.reason.strip():
        wrong = "the override gives no reason"
    elif override.at > now + terms.clock_skew:
        wrong = f"the override is dated {written(override.at)}, which is yet to come"
    elif now >= override.until:
        wrong = f"the override counted until {written(override.until)}"
    elif override.until > override.at + longest:
        ends, most = written(override.until), format_duration(longest)
        wrong = f"the override counts until {ends}; {most} is the longest"
    elif override.tree != release.tree:
        wrong = (
            f"the override is for the content {override.tree[:12]}, and this is {release.tree[:12]}"
        )
    if wrong:
        again = f"{wrong}; write a new one (`python -m ops override`)"
        return None, [Objection("override", again, "override")]
    return override, []
