"""`chaos report`: what a run showed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from ops.chaos.report import Objectives, report_on
from ops.chaos.report.document import ChaosReport, Run
from ops.chaos.report.markdown import markdown
from ops.chaos.report.runs import find_run
from ops.commands import options
from ops.commands.output import emit
from ops.errors import UnhealthyError, UsageError
from ops.files import write


@click.command(
    epilog="""\b
Examples:
  python -m ops chaos report api-pod-failure -n brisa-production --prometheus http://127.0.0.1:9090
  python -m ops chaos report podchaos/api-pod-failure-x7k2p -n shop --plot run.svg > run.md
  python -m ops chaos report --service brisa-production/api-service --max-errors 0.01 \\
      --start 2026-11-24T02:00:00Z --end 2026-11-24T02:00:30Z -o json

Exits with 0 when the hypothesis held, and with 3 when it did not or there is no verdict.
"""
)
@click.argument("target", required=False)
@options.cluster
@options.series
@options.namespace("default", "Where the object is.")
@click.option("--service", metavar="NAMESPACE/NAME", help="Instead of TARGET: the service,")
@click.option("--start", help="and when the fault began,")
@click.option("--end", help="and ended; 2026-11-24T02:00:00Z.")
@click.option(
    "--max-errors",
    type=click.FloatRange(0, 1, max_open=True),
    help="Share of requests that may fail, 0.01 for 1 %.",
)
@click.option("--max-p95", type=options.DURATION, help="Objective of the 95th percentile, 300ms.")
@click.option(
    "--recover-within",
    type=options.DURATION,
    default="5m0s",
    show_default=True,
    help="How long recovery may take.",
)
@click.option("--plot", type=options.FILE, help="Write an SVG there.")
@options.prints(ChaosReport, "markdown")
def report(
    *,
    target: str | None,
    namespace: str,
    service: str | None,
    start: str | None,
    end: str | None,
    max_errors: float | None,
    max_p95: timedelta | None,
    recover_within: timedelta,
    plot: Path | None,
) -> int:
    """Report on a run: what was expected, what happened, who noticed, and whether it held.

    TARGET is KIND/NAME of an experiment or a Workflow, or the name of a Schedule, of which the last
    run is taken. Where something is not known, the report says so.
    """
    by_hand = (service, start, end)
    if bool(target) == any(by_hand):
        raise UsageError("name a run, or give --service, --start and --end")
    if target:
        run = find_run(options.asked_cluster(), target, namespace, datetime.now(UTC))
    else:
        run = _given(service, start, end)
    server, _ = options.servers()
    done, figures = report_on(
        run,
        server,
        objectives=_objectives(max_errors, max_p95),
        recover_within=recover_within,
    )
    if plot:
        from ops.chaos.report.plot import svg  # noqa: PLC0415 - a second that no other needs

        write(plot, svg(done, figures))
    emit(done, markdown(done, plot.as_posix() if plot else None).rstrip())
    return 0 if done.verdict.result == "held" else UnhealthyError.exit_code


def _objectives(errors: float | None, latency: timedelta | None) -> Objectives | None:
    if errors is None and latency is None:
        return None
    milliseconds = latency.total_seconds() * 1000 if latency else None
    return Objectives(error_share=errors, p95_milliseconds=milliseconds, source="the command line")


def _given(service: str | None, start: str | None, end: str | None) -> Run:
    if not (service and start and end):
        raise UsageError("--service, --start and --end go together")
    space, slash, name = service.partition("/")
    if not (space and slash and name):
        raise UsageError(f"{service!r} is no service; write NAMESPACE/NAME")
    first, last = _moment(start), _moment(end)
    if first > last:
        raise UsageError("--start is later than --end")
    return Run(
        kind="",
        namespace=space,
        name="",
        schedule="",
        service=name,
        service_namespace=space,
        hypothesis="",
        owner="",
        start=first,
        end=last,
        targets=(),
        aborted="",
        failures=(),
    )


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no moment; write it as 2026-11-24T02:00:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
