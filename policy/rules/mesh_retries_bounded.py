"""Retries end: the route's timeout covers every try and the pauses between them.

Retries of what no server has begun with need neither: each ends when its connection does not come.
"""

from collections.abc import Iterator
from datetime import timedelta

from policy.cel import Check, Validation, listed
from policy.config import RuleConfig
from policy.experiments import duration_of
from policy.findings import Finding
from policy.resources import Field, Resource
from policy.rule import HIGH, ResourceRule
from vocabulary.kinds import VIRTUAL_SERVICE
from vocabulary.timing.duration import format_duration
from vocabulary.timing.retries import NOT_EXECUTED, longest_request

NOTHING = timedelta(0)
DEFAULT_BACKOFF = timedelta(milliseconds=25)


def check(resource: Resource, _: RuleConfig) -> Iterator[Finding]:
    """Each route that may retry has a timeout, and it is long enough."""
    for route in resource["spec"]["http"].items():
        attempts = route["retries"]["attempts"]
        if route["route"].missing or attempts.number() == 0 or attempts.unknown:
            continue
        if _repeats(route["retries"]["retryOn"]):
            yield from _timeout(route)
        if not route["retries"].missing:
            yield from _tries(route)


def _repeats(conditions: Field) -> bool:
    """Whether something is tried again that may have been executed; unset, Istio does."""
    text = conditions.text()
    if text is None:
        return not conditions.unknown
    return any(word.strip() not in NOT_EXECUTED for word in text.split(","))


def _timeout(route: Field) -> Iterator[Finding]:
    timeout = route["timeout"]
    if timeout.missing or duration_of(timeout) == NOTHING:
        yield timeout.finding(
            "no timeout is set, and Istio has none of its own; write one that covers all tries"
        )
    elif timeout.text() is not None and duration_of(timeout) is None:
        yield timeout.finding(f"{timeout} is not a duration; write one such as 10s")


def _tries(route: Field) -> Iterator[Finding]:
    retries = route["retries"]
    if retries["perTryTimeout"].missing and _repeats(retries["retryOn"]):
        yield retries["perTryTimeout"].finding(
            "no limit for one try, so the first one may use up the timeout; write perTryTimeout"
        )
    if retries["attempts"].missing:
        yield retries["attempts"].finding("no number of retries is set; write attempts")
    attempts, each = retries["attempts"].number(), duration_of(retries["perTryTimeout"])
    timeout = duration_of(route["timeout"])
    if attempts is None or each is None or not timeout:
        return
    base = duration_of(retries["backoff"])
    if base is None and not retries["backoff"].missing:
        return
    needed = longest_request(int(attempts), each, DEFAULT_BACKOFF if base is None else base)
    if needed > timeout:
        yield route["timeout"].finding(
            f"{format_duration(timeout)} ends before {int(attempts) + 1} tries of "
            f"{format_duration(each)} and their pauses can; raise it to "
            f"{format_duration(needed)} or more, or lower attempts or perTryTimeout"
        )


def admission(_: RuleConfig) -> Iterator[Check]:
    """For the API server: a timeout that covers the tries, pauses not counted."""
    retrying = "has(r.retries) && has(r.retries.attempts) && r.retries.attempts > 0"
    harmless = (
        f"has(r.retries.retryOn) && r.retries.retryOn.split(',').all(c, c.trim() in "
        f"{listed(NOT_EXECUTED)})"
    )
    yield Check(
        kinds=(VIRTUAL_SERVICE,),
        validations=(
            Validation(
                f"!has(object.spec.http) || object.spec.http.all(r, !({retrying}) ||"
                f" ({harmless}) || (has(r.timeout) && has(r.retries.perTryTimeout) &&"
                " duration(r.timeout).getMilliseconds() >= (r.retries.attempts + 1) *"
                " duration(r.retries.perTryTimeout).getMilliseconds()))",
                "a route with retries needs timeout and retries.perTryTimeout, and timeout must be "
                "at least (attempts + 1) x perTryTimeout; retryOn of nothing but "
                f"{', '.join(NOT_EXECUTED)} needs neither",
            ),
        ),
    )


RULE = ResourceRule(
    id="mesh-retries-bounded",
    severity=HIGH,
    summary="A route that repeats requests has a timeout that covers every try and every pause.",
    reason="Istio's own timeout is off: retries without one multiply the load on a service that is "
    "already failing, and callers wait without end. Unset retries still mean two.",
    fix="Set timeout to at least (attempts + 1) x perTryTimeout plus the pauses, or attempts to 0.",
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
    - timeout: 10s
      retries: {attempts: 3, perTryTimeout: 2s, backoff: 100ms}
      route:
        - destination: {host: api.brisa.svc.cluster.local}
""",
)
