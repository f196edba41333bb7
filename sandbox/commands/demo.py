"""`demo`: the demo's repository, and what is wrong with its services on purpose."""

import argparse
from pathlib import Path

from sandbox.cluster import Cluster
from sandbox.commands.registry import Commands, running_plane
from sandbox.console import DATA, MESSAGES
from sandbox.demo.demo import Demo
from sandbox.folder import SandboxFolder

_EPILOG = """\
examples:
  python -m sandbox demo clone shop               the repository that Flux applies
  python -m sandbox demo push shop -m "Two more"  commit what changed, push it, let Flux look
  python -m sandbox demo ask web http://api-service:8080/ --times 20
  python -m sandbox demo faults api-service --errors 0.5 --for 300
  python -m sandbox demo faults api-service --none
"""


def register(commands: Commands) -> None:
    """Add the command and its own commands."""
    command = commands.add_parser(
        "demo",
        help="the demo's repository, and faults of its services",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument(
        "--context", metavar="NAME", help="kubeconfig context of another cluster than the sandbox"
    )
    parts = command.add_subparsers(title="commands", metavar="COMMAND", required=True)
    clone = parts.add_parser("clone", help="get the repository")
    clone.add_argument("clone", type=Path, metavar="DIR")
    clone.set_defaults(run=run_clone)
    push = parts.add_parser("push", help="commit and push what changed")
    push.add_argument("clone", type=Path, metavar="DIR")
    push.add_argument("-m", "--message", required=True)
    push.set_defaults(run=run_push)
    ask = parts.add_parser("ask", help="let one service ask another")
    ask.add_argument("deployment", metavar="DEPLOYMENT", help="such as web")
    ask.add_argument("url", metavar="URL", help="such as http://api-service:8080/")
    ask.add_argument("--times", type=int, default=1, help="how often (default: 1)")
    ask.set_defaults(run=run_ask)
    faults = parts.add_parser("faults", help="show or set what is wrong with a service")
    faults.add_argument("deployment", metavar="DEPLOYMENT", help="such as api-service")
    faults.add_argument(
        "arguments",
        nargs=argparse.REMAINDER,
        metavar="...",
        help="--errors SHARE [--status CODE], --delay SECONDS, --outage, --for SECONDS, --none",
    )
    faults.set_defaults(run=run_faults)


def run_clone(options: argparse.Namespace, folder: SandboxFolder) -> int:
    """Get the repository."""
    _demo(options, folder).clone(options.clone)
    MESSAGES.print(f"the repository is in {options.clone}", highlight=False)
    return 0


def run_push(options: argparse.Namespace, folder: SandboxFolder) -> int:
    """Commit and push."""
    commit = _demo(options, folder).push(options.clone, options.message)
    DATA.print(commit, highlight=False)
    return 0


def run_ask(options: argparse.Namespace, folder: SandboxFolder) -> int:
    """Let one service ask another, and show how often it was answered what."""
    answers = _demo(options, folder).ask(options.deployment, options.url, options.times)
    DATA.print(answers, markup=False, highlight=False, soft_wrap=True)
    return 0


def run_faults(options: argparse.Namespace, folder: SandboxFolder) -> int:
    """Show or set faults of every pod of a Deployment."""
    answers = _demo(options, folder).faults(options.deployment, options.arguments)
    for pod, text in answers.items():
        DATA.print(f"{pod}: {text}", markup=False, highlight=False, soft_wrap=True)
    return 0


def _demo(options: argparse.Namespace, folder: SandboxFolder) -> Demo:
    if options.context:
        return Demo(Cluster(context=options.context))
    return Demo(Cluster(running_plane(folder).kubeconfig))
