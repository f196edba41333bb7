"""The gate: whether papers let a release pass, and if not, everything that speaks against it.

Pure: the moment, the release and the terms are given.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from promotion.errors import PromotionError, SealError
from promotion.papers import Override, Promoted, Verdict, read, written
from promotion.release import DIRTY, UNKNOWN, Release
from promotion.seal import believed
from timing.duration import format_duration


@dataclass(frozen=True)
class Terms:
    """On which terms a release passes."""

    trusted: Sequence[str] = ()
    """Public keys whose verdicts are believed."""

    tried_in: str = "staging"
    """Environment whose verdict counts."""

    longest_life: timedelta = timedelta(days=1)
    """How long after it was given a verdict counts at most, whatever it says itself."""

    clock_skew: timedelta = timedelta(minutes=5)
    """How far ahead the clock of whoever signed may be."""

    require: frozenset[str] = frozenset()
    """`chaos`, `detector`: what must have been judged; without, what was not is let pass."""

    lowest_grade: float = 0.0
    """The detector's grade, where it has one, must not be below this."""

    longest_override: timedelta = timedelta(days=1)
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
    """Hold papers against a release."""
    verdict, found = _verdict(papers, release, terms, now)
    override, wrong = _override(papers.override, release, terms, now)
    return Judgement(verdict, override, (*found, *wrong))


def _verdict(
    papers: Papers, release: Release, terms: Terms, now: datetime
) -> tuple[Verdict | None, list[Objection]]:
    if not papers.verdict:
        return None, [Objection("missing", _MISSING.format(terms.tried_in, release.environment))]
    if not terms.trusted:
        return None, [Objection("no-trusted-key", _NO_KEY)]
    try:
        verdict = believed(papers.verdict, terms.trusted)
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
    "there is no verdict of {0}; take one (`python -m delivery verdict`) and promote with it, or "
    "say why {1} must change without (`python -m delivery override --reason TEXT`)"
)
_NO_KEY = (
    "no key is trusted, so no verdict can be believed; list the public key of who signs verdicts "
    "in trustedKeys (`python -m delivery key FILE` makes a pair)"
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
    if release.commit == UNKNOWN or release.commit.endswith(DIRTY):
        yield Objection(
            "commit",
            f"the checkout's commit is {release.commit}; promote from a clean checkout of the "
            f"commit that {tried} runs",
        )
    elif verdict.commit != release.commit:
        yield Objection(
            "commit",
            f"the verdict is about commit {verdict.commit}, and this is {release.commit}; "
            f"check out the one that {tried} runs",
        )
    areas = sorted({*verdict.configuration, *release.configuration})
    for area in areas:
        if verdict.configuration.get(area) != release.configuration.get(area):
            yield Objection(
                "configuration",
                f"the configuration of {area} is not the one that {tried} runs; bring the stack "
                f"files together and deploy {tried} first",
            )
    for image, digest in sorted(release.images.items()):
        known = verdict.images.get(image)
        if known != digest:
            yield Objection(
                "image",
                f"{image} is pinned to {digest}, and {tried} runs {known or 'no such image'}; "
                f"deploy it to {tried} first",
            )


def health(verdict: Verdict, terms: Terms) -> Iterator[Objection]:
    """What speaks against a release in what was seen of it, whoever wants it."""
    tried, chaos, grade = terms.tried_in, verdict.chaos, verdict.detector.grade
    if not verdict.flux.ready:
        why = "; ".join(verdict.flux.problems) or "nothing is applied"
        yield Objection("flux", f"Flux was not ready in {tried}: {why}")
    if chaos.result == "failed":
        what = f"the last experiment in {tried} failed: {chaos.run} {chaos.reason}".rstrip()
        yield Objection("chaos", what)
    if chaos.result == "none" and "chaos" in terms.require:
        yield Objection("chaos", f"no experiment has been judged in {tried}, and one must be")
    if grade is None and "detector" in terms.require:
        yield Objection("detector", f"the detector has no grade in {tried}, and must have one")
    if grade is not None and grade < terms.lowest_grade:
        yield Objection(
            "detector", f"the detector's grade is {grade:g}, below {terms.lowest_grade:g}"
        )
    if verdict.alerts.firing:
        names = ", ".join(verdict.alerts.firing)
        yield Objection("alerts", f"critical alerts were firing in {tried}: {names}")
    if not verdict.alerts.watched:
        yield Objection(
            "alerts", f"no critical alert is defined in {tried}, so that none fires says nothing"
        )


def _override(
    text: str | None, release: Release, terms: Terms, now: datetime
) -> tuple[Override | None, list[Objection]]:
    if not text:
        return None, []
    try:
        override = read(Override, text)
    except PromotionError as error:
        return None, [Objection("override", str(error), "override")]
    wrong = None
    if not override.reason.strip():
        wrong = "the override gives no reason"
    elif now >= override.until:
        wrong = f"the override counted until {written(override.until)}"
    elif override.until > now + terms.longest_override:
        longest = format_duration(terms.longest_override)
        wrong = f"the override counts until {written(override.until)}; {longest} is the longest"
    elif override.commit != release.commit.removesuffix(DIRTY):
        wrong = f"the override is for commit {override.commit}, and this is {release.commit}"
    if wrong:
        again = f"{wrong}; write a new one (`python -m delivery override`)"
        return None, [Objection("override", again, "override")]
    return override, []
