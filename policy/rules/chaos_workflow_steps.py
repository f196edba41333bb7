"""Each step of a workflow ends, runs nothing of its own, and checks health properly."""

import re
from collections.abc import Iterator
from datetime import timedelta
from fnmatch import fnmatchcase

from policy.cel import Check, Validation
from policy.chaos_checks import REACH, variables
from policy.config import Duration, RuleConfig
from policy.experiments import duration_of, workflows
from policy.findings import Finding
from policy.resources import Field, Resource
from policy.rule import HIGH, ResourceRule
from policy.rules.chaos_duration import bounded
from vocabulary.kinds import SCHEDULE, WORKFLOW
from vocabulary.timing.duration import format_duration

CODES = re.compile(r"[1-5]\d\d(-[1-5]\d\d)?")


class Config(RuleConfig):
    """Limits of steps."""

    longest: Duration = timedelta(hours=1)
    """Longest deadline of any step, and so of the whole workflow."""

    allow_task: bool = False
    """Whether a step may run a container of its own."""

    urls: tuple[str, ...] = ("http://*", "https://*")
    """Patterns of the URLs that a StatusCheck may ask; `*` stands for anything."""


def check(resource: Resource, config: Config) -> Iterator[Finding]:
    """Judge each template."""
    for workflow in workflows(resource):
        for template in workflow["templates"].items():
            yield from bounded(template["deadline"], config.longest)
            if template["templateType"].text() == "Task" and not config.allow_task:
                yield template["templateType"].finding(
                    "a Task runs any container with the controller's rights; use a StatusCheck"
                )
            if not template["statusCheck"].missing and not template["statusCheck"].unknown:
                yield from _status_check(template, config)


def _status_check(template: Field, config: Config) -> Iterator[Finding]:
    probe = template["statusCheck"]
    if probe["type"].text() not in (None, "HTTP"):
        yield probe["type"].finding(f"{probe['type']} is not known; write HTTP")
    url, code = probe["http"]["url"], probe["http"]["criteria"]["statusCode"]
    address = url.text()
    if url.missing:
        yield url.finding("nothing is asked; write the URL")
    elif address is not None and not any(fnmatchcase(address, p) for p in config.urls):
        yield url.finding(f"{url} is not an allowed address ({', '.join(config.urls)}); change it")
    if code.missing or ((text := code.text()) is not None and not CODES.fullmatch(text)):
        yield code.finding(f'{code} is not a status code; write one such as "200" or "200-299"')
    yield from _answers_in_time(template, probe)


def _answers_in_time(template: Field, probe: Field) -> Iterator[Finding]:
    deadline = duration_of(template["deadline"])
    interval = 10 if probe["intervalSeconds"].missing else probe["intervalSeconds"].number()
    timeout = 1 if probe["timeoutSeconds"].missing else probe["timeoutSeconds"].number()
    if deadline is None or interval is None or timeout is None:
        return
    needed = timedelta(seconds=interval + timeout)
    if deadline < needed:
        yield template["deadline"].finding(
            f"{format_duration(deadline)} ends before the first probe can answer, one interval and "
            f"one timeout ({format_duration(needed)}) after the start; raise it"
        )


def admission(config: Config) -> Iterator[Check]:
    """For the API server: deadlines and no Task, in workflows and in schedules of them."""
    for kind, templates in ((WORKFLOW, "object.spec"), (SCHEDULE, "object.spec.workflow")):
        absent = "" if kind is WORKFLOW else "!has(object.spec.workflow) || "
        each = f"{absent}{templates}.templates"
        limit = format_duration(config.longest)
        validations = [
            Validation(
                f"{each}.all(t, has(t.deadline) && duration(t.deadline) > duration('0s')"
                f" && duration(t.deadline) <= duration('{limit}'))",
                f"every template must have a deadline of at most {limit}",
            )
        ]
        if not config.allow_task:
            validations.append(
                Validation(f"{each}.all(t, t.templateType != 'Task')", "no template may be a Task")
            )
        yield Check(
            name=f"{kind.kind.lower()}s",
            kinds=(kind,),
            variables=variables(),
            validations=tuple(validations),
            reach=REACH,
        )


RULE = ResourceRule(
    id="chaos-workflow-steps",
    severity=HIGH,
    summary="Every workflow step has a deadline, none is a Task, status checks are well-formed.",
    reason="A step without a deadline never ends and keeps the fault. A Task runs any container as "
    "the Chaos Mesh controller. A StatusCheck without content, or one that cannot answer in time, "
    "checks nothing.",
    fix="Write `deadline` on every template; replace Tasks; give StatusChecks a URL and a code.",
    kinds=(SCHEDULE, WORKFLOW),
    config=Config,
    check=check,
    admission=admission,
    example="""\
apiVersion: chaos-mesh.org/v1alpha1
kind: Schedule
metadata: {name: api-game-day, namespace: brisa}
spec:
  schedule: 0 3 * * 1-5
  type: Workflow
  workflow:
    entry: healthy
    templates:
      - name: healthy
        templateType: StatusCheck
        deadline: 2m
        statusCheck:
          mode: Synchronous
          type: HTTP
          http:
            url: https://gateway.brisa.example/health
            method: GET
            criteria: {statusCode: "200"}
""",
)
