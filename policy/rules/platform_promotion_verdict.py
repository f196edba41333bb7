"""Nothing comes into production that staging has not tried and signed off."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Literal

from pydantic import Field

from policy.config import Duration, Unexempted
from policy.findings import Finding
from policy.promotion import PRODUCTION, is_record
from policy.resources import Resource
from policy.rule import CRITICAL, ResourceRule
from promotion.errors import PaperError
from promotion.gate import Papers, Terms, judge
from promotion.release import Release
from vocabulary.kinds import CONFIG_MAP


class Config(Unexempted):
    """Whose verdicts count, and how long."""

    environment: str = PRODUCTION
    """Environment that this configuration is for. Papers are asked for unless both this and the
    record name another than production, so that leaving either out makes the rule hold."""

    trusted_keys: tuple[str, ...] = ()
    """Public keys whose verdicts are believed, as `python -m delivery key FILE` prints them; none
    means that no verdict is."""

    tried_in: str = "staging"
    """Environment whose verdict counts."""

    longest_life: Duration = Field(timedelta(days=1), gt=timedelta(0), le=timedelta(days=7))
    """How long a verdict counts at most, whatever it says itself."""

    clock_skew: Duration = Field(timedelta(minutes=5), ge=timedelta(0), le=timedelta(hours=1))
    """How far ahead the clock of the signer may be."""

    require: tuple[Literal["chaos", "detector"], ...] = ()
    """What must have been judged for the verdict; what has not been is let pass otherwise."""

    lowest_grade: float = Field(0.0, ge=0, le=1)
    """The detector's grade, where it has one, must reach this."""

    longest_override: Duration = Field(timedelta(days=1), gt=timedelta(0), le=timedelta(days=7))
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

    The verdict is signed by a trusted key, fresh, of staging, about the same commit, configuration
    and images, and no older than the one that was promoted last. In it Flux was ready, no critical
    alert was firing, and the last experiment had not failed.
    """
    if not is_record(resource):
        return
    data = resource["data"]
    names = ("environment", "commit", "configuration", "images", "verdict", "override", "previous")
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
    papers = Papers(texts["verdict"], texts["override"], texts["previous"])
    judgement = judge(papers, release, config.terms(), resource.moment)
    if not judgement.passes:
        for objection in judgement.objections:
            yield data[objection.paper].finding(objection.message)


RULE = ResourceRule(
    id="platform-promotion-verdict",
    severity=CRITICAL,
    summary="A release comes into production only with a fresh verdict of staging about it.",
    reason="What nobody has tried is tried by customers. A verdict binds the trial to the commit, "
    "the configuration and the images, so that nothing else can pass in its place.",
    fix="Deploy the same commit to staging, take its verdict (`python -m delivery verdict`) and "
    "promote with it (`make promote`). In an emergency write an override, with a reason "
    "(`python -m delivery override --reason TEXT`).",
    kinds=(CONFIG_MAP,),
    config=Config,
    check=check,
    exemption="No release is exempt. An override (`python -m delivery override --reason TEXT`) "
    "takes the place of a verdict, for one commit and a day at most; reason and author are "
    "recorded in the cluster, in the stack's outputs and in an annotation.",
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
  configuration: |
    {"mesh": "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"}
  images: |
    {"brisa/api": "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"}
  verdict: |
    {
     "verdict": {
      "version": 1,
      "environment": "staging",
      "commit": "8f3c1d0e5b7a9f2c4d6e8a0b1c3d5e7f9a2b4c6d",
      "configuration": {
       "mesh": "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
      },
      "images": {
       "brisa/api": "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
      },
      "flux": {
       "ready": true,
       "revisions": {
        "flux-system/brisa": "develop@sha1:8f3c1d0e"
       },
       "problems": []
      },
      "chaos": {
       "result": "passed",
       "run": "brisa-staging/api-resilience-x7f2k",
       "finished": null,
       "reason": ""
      },
      "detector": {
       "grade": null,
       "reason": "not graded yet"
      },
      "alerts": {
       "watched": 12,
       "firing": []
      },
      "at": "2026-11-23T09:00:00Z",
      "expires": "2026-11-24T09:00:00Z"
     },
     "signature": {
      "key": "56475aa75463474c",
      "value": "1nWywNENvQF/q2/OUc/cM7cVC0KzfB6pF97C/iLkPulgTK3h7RoLJvGcCy1m8Y7s+magQd0j+F5J0NaVM/CJDQ=="
     }
    }
""",  # noqa: E501 - a signature is as long as it is
)
