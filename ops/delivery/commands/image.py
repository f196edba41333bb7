"""`image`: write into stack files which image the detector runs."""

from pathlib import Path

import click
import yaml

from ops.commands import options
from ops.commands.output import say
from ops.delivery.init.draft import image_of
from ops.errors import UsageError
from ops.files import read_text, write
from policy.stack import PROJECT


@click.command(
    epilog="""\b
Examples:
  python -m ops image registry.example/detector:1.0.0@sha256:... --stack staging --stack prod
"""
)
@click.argument("reference")
@click.option("--stack", "stacks", multiple=True, required=True, metavar="NAME", help="Several.")
@options.cwd
@click.option("--dry-run", is_flag=True, help="Say what would be written.")
def image(*, reference: str, stacks: tuple[str, ...], cwd: Path, dry_run: bool) -> None:
    """Write the detector's image, REPOSITORY[:TAG]@sha256:DIGEST, into stack files.

    Only these words of a file change. A detector that was left out is then run.
    """
    parts = ", ".join(f'{key}: "{text}"' for key, text in image_of(reference).items())
    said = f"image: {{{parts}}}"
    written = {
        path: _changed(path, said) for path in (cwd / f"Pulumi.{each}.yaml" for each in stacks)
    }
    for path, text in written.items():
        if not dry_run:
            write(path, text)
        say(f"{'would write' if dry_run else 'wrote'} {path}: {said}")


def _changed(path: Path, said: str) -> str:
    """A stack file with another image: in place of the one it names, or of `install: false`."""
    text = read_text(path)
    detector = _value(yaml.compose(text, yaml.SafeLoader), "config", f"{PROJECT}:anomaly")
    place = _entries(detector).get("image") or _entries(detector).get("install")
    if place is None:
        raise UsageError(f"{path.name} says neither anomaly.image nor anomaly.install; write one")
    key, value = place
    return text[: key.start_mark.index] + said + text[_end(value) :]


def _value(node: yaml.Node | None, *path: str) -> yaml.Node | None:
    for step in path:
        node = _entries(node).get(step, (None, None))[1]
    return node


def _entries(node: yaml.Node | None) -> dict[str, tuple[yaml.Node, yaml.Node]]:
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return {str(key.value): (key, value) for key, value in pairs}


def _end(node: yaml.Node) -> int:
    """Where the words of a value end; a block's own mark lies behind blanks and comments."""
    if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
        return _end(node.value[-1][1])
    return int(node.end_mark.index)
