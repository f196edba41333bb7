"""Nothing comes into production that staging has not tried and signed off."""

from collections.abc import Iterator
from datetime import timedelta

from pydantic import Field

from policy.config import Duration, Unexempted
from policy.findings import Finding
from policy.promotion import PRODUCTION, is_record
from policy.resources import Resource
from policy.rule import CRITICAL, ResourceRule
from vocabulary.kinds import CONFIG_MAP
from vocabulary.promotion.errors import PaperError
from vocabulary.promotion.gate import LONGEST_OVERRIDE, Papers, Terms, judge
from vocabulary.promotion.papers import Check
from vocabulary.promotion.release import Release


class Config(Unexempted):
    """Whose verdicts count, and how long."""

    environment: str = PRODUCTION
    """Environment that this configuration is for. Papers are asked for unless both this and the
    record name another than production, so that leaving either out makes the rule hold."""

    trusted_keys: tuple[str, ...] = ()
    """Public keys whose papers are believed, as `python -m ops key FILE` prints them; none
    means that nothing is."""

    tried_in: str = "staging"
    """Environment whose verdict counts."""

    longest_life: Duration = Field(timedelta(days=1), gt=timedelta(0), le=timedelta(days=7))
    """How long a verdict counts at most, whatever it says itself."""

    clock_skew: Duration = Field(timedelta(minutes=5), ge=timedelta(0), le=timedelta(hours=1))
    """How far ahead the clock of the signer may be."""

    require: tuple[Check, ...] = ()
    """What must have been judged for the verdict; the rest, where it has not been, is named and let
    pass."""

    lowest_grade: float = Field(0.0, ge=0, le=1)
    """The detector's grade, where it has one, must reach this."""

    longest_override: Duration = Field(LONGEST_OVERRIDE, gt=timedelta(0), le=LONGEST_OVERRIDE)
    """How long an override may count."""

    def terms(self) -> Terms:
        """As the gate takes them."""
        return Terms(
            trusted=self.trusted_keys,
            tried_in=self.tried_in,
            longest_life=self.longest_life,
            clock_skew=self.clock_skew,
            require=frozenset(self.require),
            lowest_grade=self.lowest_grade,
            longest_override=self.longest_override,
        )


def check(resource: Resource, config: Config) -> Iterator[Finding]:
    """The record holds a good verdict about this very release, or an override with its reason.

    The verdict is signed by a trusted key, fresh, of staging, about the very content of this
    checkout, and no older than the one that was promoted last. No check in it has failed: Flux was
    ready, no critical alert was firing unsilenced, the last experiment had not failed. An override
    is signed too, names a person and counts for a day at most. A stack file with `promotion: off`
    asks for neither; the record says so.
    """
    if not is_record(resource):
        return
    data = resource["data"]
    names = (*Release.model_fields, "verdict", "override", "previous")
    texts = {name: data[name].text() for name in names}
    if resource.notes.unknown:
        return
    if PRODUCTION not in {texts["environment"] or PRODUCTION, config.environment}:
        return
    try:
        release = Release.from_data(texts)
    except PaperError as error:
        yield data.finding(f"{error}; let the program write it")
        return
    if release.gate == "off":
        return
    papers = Papers(texts["verdict"], texts["override"], texts["previous"])
    judgement = judge(papers, release, config.terms(), resource.moment)
    if not judgement.passes:
        for objection in judgement.objections:
            yield data[objection.paper].finding(objection.message)


RULE = ResourceRule(
    id="platform-promotion-verdict",
    severity=CRITICAL,
    summary="A release comes into production only with a fresh verdict of staging about it.",
    reason="What nobody has tried is tried by customers. A verdict binds the trial to the content "
    "of the repository, so that nothing else can pass in its place.",
    fix="Deploy the same content to staging, take its verdict (`python -m ops verdict`) and "
    "promote with it (`make promote`). In an emergency write an override, with a reason "
    "(`python -m ops override --reason TEXT --by PERSON`).",
    kinds=(CONFIG_MAP,),
    config=Config,
    check=check,
    exemption="No release is exempt. An override (`python -m ops override --reason TEXT --by "
    "PERSON`) takes the place of a verdict, for one content and a day at most; reason and person "
    "are recorded in the cluster, in the stack's outputs and in an annotation.",
    example="""\
apiVersion: v1
kind: ConfigMap
metadata:
  name: release
  namespace: brisa-platform
  labels: {platform.brisa/record: release}
data:
  environment: production
  commit: 8f3c1d0e5b7a9f2c4d6e8a0b1c3d5e7f9a2b4c6d
  tree: c0ffee5e7b7a9f2c4d6e8a0b1c3d5e7f9a2b4c6d
  gate: "on"
  verdict: |
    {
     "verdict": {
      "version": 2,
      "environment": "staging",
      "tree": "c0ffee5e7b7a9f2c4d6e8a0b1c3d5e7f9a2b4c6d",
      "commit": "8f3c1d0e5b7a9f2c4d6e8a0b1c3d5e7f9a2b4c6d",
      "checks": {
       "flux": {
        "result": "passed",
        "reason": "",
        "score": null,
        "revisions": {
         "flux-system/brisa": "develop@sha1:8f3c1d0e"
        }
       },
       "chaos": {
        "result": "passed",
        "reason": "brisa-staging/api-resilience-x7f2k",
        "score": null,
        "revisions": {}
       },
       "detector": {
        "result": "none",
        "reason": "not graded yet",
        "score": null,
        "revisions": {}
       },
       "alerts": {
        "result": "passed",
        "reason": "none of 12 critical alerts fires",
        "score": null,
        "revisions": {}
       }
      },
      "at": "2026-11-23T09:00:00Z",
      "expires": "2026-11-24T09:00:00Z"
     },
     "signature": {
      "key": "56475aa75463474c",
      "value": "n62+fUZrdHllolUDhoDk7kucBWsIqOdH/pSlnK+5QjVTaC+rBz5Z0Lqu7uZpUHqGuJr0QtdUtd6ZkyRM07ewDg=="
     }
    }
""",  # noqa: E501 - a signature is as long as it is
)
