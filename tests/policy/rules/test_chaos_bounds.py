from typing import Any

from policy.rules.chaos_bounds import RULE
from tests.policy.contract import Case, RuleContract, case
from tests.policy.rules.workflows import workflow
from tests.policy.views import GONE

FAULT = "spec.networkChaos"


def network(path: str = "", **changes: Any) -> Case:
    return case(
        {f"{FAULT}.{key}": value for key, value in changes.items()}, path and f"{FAULT}.{path}"
    )


def of(kind: str, key: str, spec: dict[str, Any], path: str = "") -> Case:
    return case({"spec": {"type": kind, key: spec}}, path and f"spec.{key}.{path}")


def stress(path: str = "", **spec: Any) -> Case:
    return of("StressChaos", "stressChaos", spec, path)


def java(path: str = "", **spec: Any) -> Case:
    return of("JVMChaos", "jvmChaos", {"class": "shop.Cart", "method": "add", **spec}, path)


def memory(path: str = "", **spec: Any) -> Case:
    return stress(path and f"stressors.memory.{path}", stressors={"memory": {"workers": 1, **spec}})


class TestBounds(RuleContract):
    rule = RULE
    good = {
        "a loss within bounds": network(action="loss", loss={"loss": "50", "correlation": "25"}),
        "a partition one way": network(action="partition", direction="to", target={"mode": "one"}),
        "CPU": stress(stressors={"cpu": {"workers": 2, "load": 80}}),
        "memory": memory(size="256MB"),
        "as much memory as allowed": memory(size="2GB"),
        "a narrow line": network(
            action="bandwidth", bandwidth={"rate": "128kbps", "limit": 1, "buffer": 1}
        ),
        "a line in bits": network(
            action="bandwidth", bandwidth={"rate": "1 Mbit", "limit": 1, "buffer": 1}
        ),
        "a slow method": java(action="latency", latency=200),
        "a method that throws": java(action="exception", exception="java.io.IOException()"),
        "files that fail": of("IOChaos", "ioChaos", {"action": "fault", "errno": 5, "percent": 10}),
        "slow files": of(
            "IOChaos", "ioChaos", {"action": "latency", "delay": "100ms", "percent": 50}
        ),
        "a name": of("DNSChaos", "dnsChaos", {"patterns": ["example.com"]}),
        "a clock back": of("TimeChaos", "timeChaos", {"timeOffset": "-5m"}),
        "an allowed target outside": case(
            {f"{FAULT}.externalTargets": ["example.com"]},
            config={"externalTargets": ["example.com"]},
        ),
    }
    bad = {
        "a delay without an amount": network("delay", delay=GONE),
        "a delay of nothing": network("delay.latency", delay={"latency": "0s"}),
        "a long delay": network("delay.latency", delay={"latency": "3s"}),
        "much jitter": network("delay.jitter", delay={"latency": "1s", "jitter": "5s"}),
        "no duration": network("delay.latency", delay={"latency": "banana"}),
        "a loss of 150 percent": network("loss.loss", action="loss", loss={"loss": "150"}),
        "too much loss": network("loss.loss", action="loss", loss={"loss": "51"}),
        "a loss of words": network("loss.loss", action="loss", loss={"loss": "much"}),
        "too much corruption": network(
            "corrupt.corrupt", action="corrupt", corrupt={"corrupt": "11"}
        ),
        "a partition from everybody": network("target", action="partition"),
        "a partition both ways": network(
            "direction", action="partition", direction="both", target={"mode": "one"}
        ),
        "a bandwidth of nothing": network("bandwidth", action="bandwidth"),
        "a line that lets nothing through": network(
            "bandwidth.rate", action="bandwidth", bandwidth={"rate": "8kbit"}
        ),
        "a rate of words": network(
            "bandwidth.rate", action="bandwidth", bandwidth={"rate": "slow"}
        ),
        "wrong data": of("IOChaos", "ioChaos", {"action": "mistake", "percent": 1}, "action"),
        "rules of one's own for Java": java("action", action="ruleData", ruleData="RULE x"),
        "a method of no class": of(
            "JVMChaos", "jvmChaos", {"action": "latency", "method": "a", "latency": 1}, "class"
        ),
        "a method that hangs": java("latency", action="latency", latency=60_000),
        "the world outside": network("externalTargets[0]", externalTargets=["example.com"]),
        "no workers": stress("stressors.cpu.workers", stressors={"cpu": {}}),
        "zero workers": stress("stressors.cpu.workers", stressors={"cpu": {"workers": 0}}),
        "many workers": stress("stressors.cpu.workers", stressors={"cpu": {"workers": 9}}),
        "options": stress(
            "stressors.cpu.options", stressors={"cpu": {"workers": 1, "options": ["--all"]}}
        ),
        "free text": stress("stressngStressors", stressngStressors="--cpu 8"),
        "no stress at all": stress("stressors", stressors={}),
        "memory without a size": memory("size"),
        "much memory": memory("size", size="3GB"),
        "memory as a share": memory("size", size="50%"),
        "the service is killed first": memory("oomScoreAdj", size="1MB", oomScoreAdj=-1000),
        "the whole file system": of("IOChaos", "ioChaos", {"volumePath": "/"}, "volumePath"),
        "the processes' files": of("IOChaos", "ioChaos", {"volumePath": "/proc/"}, "volumePath"),
        "every file operation": of("IOChaos", "ioChaos", {"action": "fault"}, "percent"),
        "most file operations": of("IOChaos", "ioChaos", {"percent": 51}, "percent"),
        "very slow files": of(
            "IOChaos", "ioChaos", {"action": "latency", "percent": 1, "delay": "1m"}, "delay"
        ),
        "every name": of("DNSChaos", "dnsChaos", {"action": "error"}, "patterns"),
        "every name by a star": of("DNSChaos", "dnsChaos", {"patterns": ["*"]}, "patterns[0]"),
        "a clock set to a fruit": of(
            "TimeChaos", "timeChaos", {"timeOffset": "banana"}, "timeOffset"
        ),
        "a clock set far off": of("TimeChaos", "timeChaos", {"timeOffset": "-1h"}, "timeOffset"),
        "a step of a workflow": case(
            {
                "spec": workflow(
                    {"name": "first", "networkChaos": {"action": "loss", "loss": {"loss": "99"}}}
                )
            },
            "spec.workflow.templates[0].networkChaos.loss.loss",
        ),
    }
