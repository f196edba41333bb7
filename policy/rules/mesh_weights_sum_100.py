"""The weights of a route add up to one hundred."""

from collections.abc import Iterator

from policy.cel import Check, Validation
from policy.config import RuleConfig
from policy.findings import Finding
from policy.resources import Field, Resource
from policy.rule import HIGH, ResourceRule
from vocabulary.kinds import VIRTUAL_SERVICE

WHOLE = 100


def check(resource: Resource, _: RuleConfig) -> Iterator[Finding]:
    """Each route's weights must be shares of 100."""
    for protocol in ("http", "tcp", "tls"):
        for route in resource["spec"][protocol].items():
            yield from _shares(route["route"])


def _shares(route: Field) -> Iterator[Finding]:
    weights = [entry["weight"] for entry in route.items()]
    if len(weights) <= 1 and all(weight.missing for weight in weights):
        return
    absent = [weight for weight in weights if weight.missing]
    for weight in absent:
        yield weight.finding("no weight is set beside other destinations; write every share")
    numbers = [weight.number() for weight in weights]
    known = [number for number in numbers if number is not None]
    for weight, number in zip(weights, numbers, strict=True):
        if number is not None and not 0 <= number <= WHOLE:
            yield weight.finding(f"{number:g} is not a share; write 0 to 100")
    if len(known) == len(weights) and sum(known) != WHOLE:
        shares = " + ".join(f"{number:g}" for number in known)
        yield route.finding(f"weights {shares} add up to {sum(known):g}; make them add up to 100")


def admission(_: RuleConfig) -> Iterator[Check]:
    """The same for the API server."""
    yield Check(
        kinds=(VIRTUAL_SERVICE,),
        validations=tuple(
            Validation(
                f"!has(object.spec.{protocol}) || object.spec.{protocol}.all(r, !has(r.route)"
                " || (r.route.size() == 1 && !has(r.route[0].weight))"
                " || (r.route.all(d, has(d.weight)) && r.route.map(d, d.weight).sum() == 100))",
                f"the weights of every route in spec.{protocol} must add up to 100",
            )
            for protocol in ("http", "tcp", "tls")
        ),
    )


RULE = ResourceRule(
    id="mesh-weights-sum-100",
    severity=HIGH,
    summary="The weights of every route add up to 100.",
    reason="Istio accepts any weights that are not all zero and normalises them: 90 and 20 quietly "
    "sends 18 % to the canary, and nobody sees it in review.",
    fix="Write a weight for every destination of the route so that they add up to 100.",
    kinds=(VIRTUAL_SERVICE,),
    check=check,
    admission=admission,
    example="""\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: api, namespace: brisa}
spec:
  hosts: [api.brisa.svc.cluster.local]
  http:
    - route:
        - {destination: {host: api.brisa.svc.cluster.local, subset: stable}, weight: 90}
        - {destination: {host: api.brisa.svc.cluster.local, subset: canary}, weight: 10}
""",
)
