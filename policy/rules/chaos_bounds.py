"""Each fault is as strong as meant, and no stronger."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

from pydantic import Field as Limit

from policy.cel import Check, Validation, listed
from policy.chaos_checks import everywhere
from policy.config import Duration, RuleConfig
from policy.experiments import CHAOS, Experiment, duration_of, experiments
from policy.findings import Finding
from policy.resources import Field, Resource
from policy.rule import HIGH, ResourceRule
from vocabulary.kinds import CHAOS_VERSION, Kind
from vocabulary.timing.duration import format_duration, parse_duration

NETWORK = Kind(CHAOS_VERSION, "NetworkChaos")
SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?", re.IGNORECASE)
BYTES = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
RATE = re.compile(r"(\d+) *([kmgt]?)(bit|bps)", re.IGNORECASE)
BYTES_PER = {"bit": 1 / 8, "bps": 1}
THOUSANDS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
JAVA_ACTIONS = ("latency", "return", "exception")
NO_VOLUMES = ("", "/proc", "/sys", "/dev", "/etc", "/usr", "/bin", "/lib", "/var", "/tmp")  # noqa: S108
PARAMETERS = {"delay": "delay", "loss": "loss", "duplicate": "duplicate", "corrupt": "corrupt"}
PARAMETERS |= {"bandwidth": "bandwidth", "partition": "target"}


class Config(RuleConfig):
    """How strong faults may be."""

    max_latency: Duration = timedelta(seconds=2)
    """Longest delay of a packet or of a file operation, and longest jitter."""

    max_loss_percent: float = Limit(50, gt=0, le=100)
    """Most packets that may get lost or come twice, in percent."""

    max_corrupt_percent: float = Limit(10, gt=0, le=100)
    """Most packets that may be corrupted, in percent."""

    max_workers: int = Limit(8, ge=1)
    """Most stress processes in one container."""

    max_memory_mebibytes: int = Limit(2048, ge=1)
    """Most memory that all stress processes of a container may hold, in MiB."""

    min_kilobytes_per_second: int = Limit(16, ge=1)
    """Narrowest line, in kB a second."""

    max_io_percent: int = Limit(50, ge=1, le=100)
    """Largest share of file operations that may be hit, in percent."""

    max_clock_offset: Duration = timedelta(minutes=10)
    """Farthest that a clock may be set, either way."""

    external_targets: tuple[str, ...] = ()
    """Hosts outside the cluster that a network fault may be limited to."""


def check(resource: Resource, config: Config) -> Iterator[Finding]:
    """Judge every fault by its kind."""
    for experiment in experiments(resource):
        judge = JUDGES.get(experiment.kind)
        if judge:
            yield from judge(experiment, config)


def _network(experiment: Experiment, config: Config) -> Iterator[Finding]:
    spec = experiment.spec
    needed = PARAMETERS.get(spec["action"].text() or "")
    if needed and spec[needed].missing:
        yield spec[needed].finding(f"action {spec['action']} does nothing without it; write it")
    for part in ("latency", "jitter"):
        yield from _at_most(spec["delay"][part], config.max_latency, needed=part == "latency")
    for action, limit in (
        ("loss", config.max_loss_percent),
        ("duplicate", config.max_loss_percent),
        ("corrupt", config.max_corrupt_percent),
    ):
        yield from _percentage(spec[action], action, limit)
    if spec["action"].text() == "partition" and spec["direction"].text() not in (
        None,
        "to",
        "from",
    ):
        yield spec["direction"].finding(f"{spec['direction']} cuts both ways; write to or from")
    yield from _rate(spec["bandwidth"]["rate"], config.min_kilobytes_per_second)
    for target in spec["externalTargets"].items():
        host = target.text()
        if host is not None and host not in config.external_targets:
            yield target.finding(
                f"{target} is not an allowed target outside the cluster; remove it"
            )


def _rate(rate: Field, least: int) -> Iterator[Finding]:
    text = rate.text()
    if text is None:
        return
    parsed = RATE.fullmatch(text.strip())
    if parsed is None:
        yield rate.finding(f"{rate} is not a rate; write one such as 128kbps")
        return
    number, thousands, unit = parsed.groups()
    bytes_per_second = float(number) * THOUSANDS[thousands.lower()] * BYTES_PER[unit.lower()]
    if bytes_per_second < least * 1000:
        yield rate.finding(f"{rate} is less than {least}kbps (kB a second); raise it")


def _stress(experiment: Experiment, config: Config) -> Iterator[Finding]:
    spec = experiment.spec
    if not spec["stressngStressors"].missing:
        yield spec["stressngStressors"].finding(
            "free text overrides every limit; use stressors.cpu or stressors.memory"
        )
    stressors = [spec["stressors"][name] for name in ("cpu", "memory")]
    if all(stressor.missing for stressor in stressors):
        yield spec["stressors"].finding("nothing is stressed; write stressors.cpu or .memory")
    for stressor in stressors:
        if not stressor["options"].missing:
            yield stressor["options"].finding("options can override the limits; remove them")
        workers = stressor["workers"].number()
        if not stressor.missing and stressor["workers"].missing:
            yield stressor["workers"].finding("not set; write the number of processes")
        elif workers is not None and not 1 <= workers <= config.max_workers:
            yield stressor["workers"].finding(
                f"{workers:g} workers are not allowed; write 1 to {config.max_workers}"
            )
    yield from _memory(stressors[1], config)


def _memory(memory: Field, config: Config) -> Iterator[Finding]:
    if memory.missing or memory.unknown:
        return
    size, limit = memory["size"], config.max_memory_mebibytes
    if size.missing:
        yield size.finding("not set, which takes all there is; write a size such as 256MB")
    elif (text := size.text()) is not None:
        parsed = SIZE.fullmatch(text)
        if parsed is None:
            yield size.finding(f"{size} is not an amount of memory; write one such as 256MB")
        elif float(parsed[1]) * BYTES[parsed[2].upper()] > limit * 2**20:
            yield size.finding(f"{size} is more than {limit}MB; lower it")
    adjustment = memory["oomScoreAdj"].number()
    if adjustment is not None and adjustment < 0:
        yield memory["oomScoreAdj"].finding(
            f"{adjustment:g} makes the kernel kill the service first; write 0 or more"
        )


def _io(experiment: Experiment, config: Config) -> Iterator[Finding]:
    spec = experiment.spec
    if spec["action"].text() == "latency":
        yield from _at_most(spec["delay"], config.max_latency, needed=True)
    if spec["action"].text() == "mistake":
        yield spec["action"].finding("mistake writes wrong data, for good; use fault or latency")
    percent, limit = spec["percent"], config.max_io_percent
    number = percent.number()
    if percent.missing or (number is not None and not 0 < number <= limit):
        yield percent.finding(
            f"{percent} (Chaos Mesh takes 100) is not allowed; write 1 to {limit}"
        )
    volume = spec["volumePath"]
    text = volume.text()
    if text is not None and text.rstrip("/") in NO_VOLUMES:
        yield volume.finding(
            f"{volume} is no volume of the service: the whole container would hang; write where "
            "one is mounted"
        )


def _dns(experiment: Experiment, _: Config) -> Iterator[Finding]:
    patterns = experiment.spec["patterns"]
    if not patterns.unknown and not patterns.items():
        yield patterns.finding("none means every name, the API server's too; list the names")
    for pattern in patterns.items():
        if pattern.text() == "*":
            yield pattern.finding('"*" means every name; list the names')


def _time(experiment: Experiment, config: Config) -> Iterator[Finding]:
    offset, limit = experiment.spec["timeOffset"], format_duration(config.max_clock_offset)
    text = offset.text()
    if text is None:
        return
    try:
        moved = parse_duration(text.removeprefix("-"))
    except ValueError:
        yield offset.finding(f"{offset} is not a duration; write one up to {limit}, such as -5m")
        return
    if not timedelta(0) < moved <= config.max_clock_offset:
        yield offset.finding(f"{offset} is not within {limit}, and not nothing; change it")


def _java(experiment: Experiment, config: Config) -> Iterator[Finding]:
    spec, limit = experiment.spec, config.max_latency // timedelta(milliseconds=1)
    action, latency = spec["action"].text(), spec["latency"].number()
    if action is not None and action not in JAVA_ACTIONS:
        yield spec["action"].finding(
            f"{action} knows no bounds here; use one of {', '.join(JAVA_ACTIONS)}"
        )
    for part in ("class", "method"):
        if spec[part].missing:
            yield spec[part].finding("not set; name what is hit")
    if latency is not None and not 0 < latency <= limit:
        yield spec["latency"].finding(f"{latency:g} ms is not allowed; write 1 to {limit}")


def _at_most(place: Field, longest: timedelta, *, needed: bool) -> Iterator[Finding]:
    limit, length = format_duration(longest), duration_of(place)
    if place.text() is not None and length is None:
        yield place.finding(f"{place} is not a duration; write one up to {limit}")
    elif length is not None and length > longest:
        yield place.finding(f"{place} is more than {limit}; lower it")
    elif length == timedelta(0) and needed:
        yield place.finding(f"{place} does nothing; write a duration up to {limit}")


def _percentage(place: Field, name: str, limit: float) -> Iterator[Finding]:
    text = place[name].text()
    if text is None:
        return
    try:
        number = float(text)
    except ValueError:
        yield place[name].finding(f"{place[name]} is not a percentage; write 1 to {limit:g}")
        return
    if not 0 < number <= limit:
        yield place[name].finding(f"{place[name]} % is not allowed; write 1 to {limit:g}")


JUDGES: dict[str, Callable[[Experiment, Config], Iterator[Finding]]] = {
    "NetworkChaos": _network,
    "StressChaos": _stress,
    "IOChaos": _io,
    "DNSChaos": _dns,
    "TimeChaos": _time,
    "JVMChaos": _java,
}


def admission(config: Config) -> Iterator[Check]:
    """For the API server: the strength of file, clock, name and network faults, wherever they are.

    What a stress costs stands in texts that CEL cannot read.
    """
    latency, offset = format_duration(config.max_latency), format_duration(config.max_clock_offset)
    milliseconds = config.max_latency // timedelta(milliseconds=1)

    def in_pods(spec: str) -> Iterator[Validation]:
        yield Validation(
            f"f.key != 'ioChaos' || (has({spec}.volumePath) && !({spec}.volumePath.split('/')"
            f".filter(part, part != '').join('/') in {listed(each[1:] for each in NO_VOLUMES)}))",
            "volumePath must be where a volume of the service is mounted",
        )
        yield Validation(
            f"f.key != 'ioChaos' || (has({spec}.percent) && {spec}.percent >= 1"
            f" && {spec}.percent <= {config.max_io_percent} && ({spec}.action != 'latency' ||"
            f" (has({spec}.delay) && duration({spec}.delay) <= duration('{latency}'))))",
            f"percent must be 1 to {config.max_io_percent}, and a delay at most {latency}",
        )
        yield Validation(
            f"f.key != 'dnsChaos' || (has({spec}.patterns) && {spec}.patterns.size() > 0"
            f" && !('*' in {spec}.patterns))",
            "patterns must list the names that fail",
        )
        yield Validation(
            f"f.key != 'timeChaos' || (duration({spec}.timeOffset) <= duration('{offset}')"
            f" && duration({spec}.timeOffset) >= duration('-{offset}'))",
            f"timeOffset must be within {offset}, either way",
        )
        yield Validation(
            f"f.key != 'ioChaos' || {spec}.action != 'mistake'",
            "mistake writes wrong data for good, and is not allowed",
        )
        yield Validation(
            f"f.key != 'jvmChaos' || ({spec}.action in {listed(JAVA_ACTIONS)}"
            f" && has({spec}.class) && has({spec}.method)"
            f" && (!has({spec}.latency) || {spec}.latency <= {milliseconds}))",
            f"action must be one of {', '.join(JAVA_ACTIONS)}, of a class and a method, and a "
            f"latency at most {milliseconds} ms",
        )

    def network(spec: str) -> Iterator[Validation]:
        yield Validation(
            f"{spec}.action != 'partition' || (has({spec}.target)"
            f" && (!has({spec}.direction) || {spec}.direction != 'both'))",
            "a partition must have a target, and one direction",
        )
        yield Validation(
            f"!has({spec}.externalTargets) ||"
            f" {spec}.externalTargets.all(t, t in {listed(config.external_targets)})",
            "externalTargets must be allowed ones",
        )
        yield Validation(
            f"!has({spec}.delay) || duration({spec}.delay.latency) <= duration('{latency}')",
            f"latency must be at most {latency}",
        )
        for action, limit in (
            ("loss", config.max_loss_percent),
            ("duplicate", config.max_loss_percent),
            ("corrupt", config.max_corrupt_percent),
        ):
            yield Validation(
                f"!has({spec}.{action}) || double({spec}.{action}.{action}) <= {float(limit)}",
                f"{action} must be at most {limit:g} percent",
            )

    yield everywhere(in_pods)
    yield everywhere(network, (NETWORK,), name="network")


RULE = ResourceRule(
    id="chaos-bounds",
    severity=HIGH,
    summary="The strength of every fault is set and bounded.",
    reason="Chaos Mesh takes a loss of 150 %, a delay without an amount, memory without a size and "
    "free text for its stress tool, and hits as hard as that happens to mean.",
    fix="Set the parameters of the action within the limits below.",
    kinds=CHAOS,
    config=Config,
    check=check,
    admission=admission,
    example="""\
apiVersion: chaos-mesh.org/v1alpha1
kind: Schedule
metadata: {name: api-network-delay, namespace: brisa}
spec:
  schedule: 0 3 * * 1-5
  type: NetworkChaos
  networkChaos:
    action: delay
    mode: one
    duration: 5m
    delay: {latency: 200ms, jitter: 50ms}
    selector: {namespaces: [brisa], labelSelectors: {app: api}}
""",
)
