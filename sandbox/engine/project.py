"""The project folder the engine works in: copies of the checkout's files, made to run from here.

The checkout is never written to. `Pulumi.yaml` points back at its program; `Pulumi.<stack>.yaml`
keeps what belongs to this run only: the salt of its passphrase and the secrets made up for it.
What a place needs otherwise lies in an overlay, `Pulumi.<stack>.<overlay>.yaml`, which is a merge
patch (RFC 7386): mappings are merged key by key, null removes a key, everything else is replaced.
Tags in an overlay stand for values known only there.
The files are edited as YAML nodes, so that every value keeps the text its author wrote.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from sandbox.errors import UsageError
from sandbox.files import write_atomically

PROJECT_FILE = "Pulumi.yaml"
RUN_ONLY_KEYS = ("encryptionsalt",)
"""Top-level keys of a stack's file that only make sense with this run's passphrase."""
FOREIGN_KEYS = ("encryptionsalt", "encryptedkey", "secretsprovider")
"""Top-level keys of a stack's file that tie it to somebody's own keys."""
_TEXT, _NULL = "tag:yaml.org,2002:str", "tag:yaml.org,2002:null"

Tags = Mapping[str, Callable[[str], str]]
"""What stands for a value that is tagged, such as `!digest name:tag`, by the tag."""


@dataclass(frozen=True)
class Overlay:
    """How a stack differs in one place."""

    name: str
    """Part of the file's name; a stack without such a file is the same there."""
    tags: Tags = field(default_factory=dict)
    """Values that only that place knows."""


@dataclass(frozen=True)
class Project:
    """A checkout with a Pulumi program, and the folder of its copy."""

    checkout: Path
    """Where the program, its stacks and its policy pack are; only read."""
    folder: Path
    """Where the engine is started."""
    overlay: Overlay | None = None
    """What is laid over the stacks' files."""

    @property
    def name(self) -> str:
        """Name of the project, as in the last copy."""
        return _scalar(_get(_compose(self.folder / PROJECT_FILE), "name"))

    def policy_arguments(self, stack: str) -> list[str]:
        """Return the flags that apply the checkout's policy pack, as configured for the stack."""
        pack = self.checkout / "policy"
        if not (pack / "PulumiPolicy.yaml").exists():
            return []
        configuration = pack / f"{stack}.json"
        configured = ["--policy-pack-config", str(configuration)] if configuration.exists() else []
        return ["--policy-pack", str(pack), *configured]

    def synchronise(self, stack: str) -> None:
        """Bring the copies up to date with the checkout."""
        self.write_project_file()
        self.write_stack_file(stack)

    def write_project_file(self) -> None:
        """Copy `Pulumi.yaml`, with absolute paths to the program and to this Python."""
        source = self.checkout / PROJECT_FILE
        root = _mapping(_compose(source), source)
        main = _scalar(_get(root, "main"))
        _set(root, "main", _plain(os.path.normpath(self.checkout / main)))
        _use_this_python(root)
        write_atomically(self.folder / source.name, yaml.serialize(root))

    def stack_file(self, stack: str) -> Path:
        """Return the copy of the stack's file."""
        return self.folder / f"Pulumi.{stack}.yaml"

    def write_stack_file(self, stack: str) -> None:
        """Copy the stack's file over the last copy, keeping what belongs to this run."""
        copy = self.stack_file(stack)
        root = self._wanted(stack)
        previous = _mapping(_compose(copy), copy) if copy.exists() else _empty()
        for key in FOREIGN_KEYS:
            _remove(root, key)
        for key in RUN_ONLY_KEYS:
            if (value := _get(previous, key)) is not None:
                _set(root, key, value)
        values, known = (_get(top, "config") for top in (root, previous))
        if isinstance(values, yaml.MappingNode):
            for name in _secrets(values):
                replacement = _get(known, name)
                _remove(values, name)
                if replacement is not None and _is_secret(replacement):
                    _set(values, name, replacement)
        write_atomically(copy, yaml.serialize(root))

    def merged(self, stack: str) -> str:
        """The stack's own file with what holds in this place laid over it, as YAML."""
        return yaml.serialize(self._wanted(stack))

    def missing_secrets(self, stack: str) -> list[str]:
        """Return the secrets the stack has and the copy has not yet."""
        wanted = _get(self._wanted(stack), "config")
        known = _get(_compose(self.stack_file(stack)), "config")
        return [name for name in _secrets(wanted) if _get(known, name) is None]

    def _wanted(self, stack: str) -> yaml.MappingNode:
        """The stack's own file with what holds in this place laid over it."""
        source = self.checkout / self.stack_file(stack).name
        root = _mapping(_compose(source), source)
        if self.overlay:
            above = source.with_suffix(f".{self.overlay.name}.yaml")
            if above.exists():
                _lay_over(root, _mapping(_compose(above), above))
                _resolve(root, self.overlay.tags, above)
        return root


def _lay_over(below: yaml.MappingNode, above: yaml.MappingNode) -> None:
    """Apply a merge patch."""
    for key, value in above.value:
        name = _scalar(key)
        known = _get(below, name)
        if value.tag == _NULL:
            _remove(below, name)
        elif isinstance(value, yaml.MappingNode):
            if not isinstance(known, yaml.MappingNode):
                known = _empty()
                _replace(below, name, known)
            _lay_over(known, value)
        else:
            _replace(below, name, value)


def _replace(node: yaml.MappingNode, key: str, value: yaml.Node) -> None:
    """Set a value where the key already stands, or at the end."""
    if _get(node, key) is None:
        _set(node, key, value)
    node.value = [(name, value if _scalar(name) == key else known) for name, known in node.value]


def _resolve(node: yaml.Node, tags: Tags, path: Path) -> None:
    """Put in the values that tags stand for."""
    if isinstance(node, yaml.MappingNode):
        for _, value in node.value:
            _resolve(value, tags, path)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _resolve(value, tags, path)
    elif node.tag.startswith("!"):
        if node.tag not in tags:
            known = ", ".join(sorted(tags)) or "none"
            raise UsageError(f"{path} has the tag {node.tag}; known here: {known}")
        node.tag, node.value = _TEXT, tags[node.tag](_scalar(node))


def _use_this_python(root: yaml.MappingNode) -> None:
    """Let the program run in the virtual environment that the sandbox itself runs in."""
    runtime = _get(root, "runtime")
    if not isinstance(runtime, yaml.MappingNode):
        return
    options = _get(runtime, "options")
    if not isinstance(options, yaml.MappingNode):
        return
    _remove(options, "virtualenv")
    if sys.prefix != sys.base_prefix:
        _set(options, "virtualenv", _plain(sys.prefix))


def _compose(path: Path) -> yaml.Node | None:
    try:
        return yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except FileNotFoundError:
        raise UsageError(
            f"{path} is missing; every stack and the project have such a file"
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read as YAML: {error}") from None


def _mapping(node: yaml.Node | None, path: Path) -> yaml.MappingNode:
    if node is None:
        return _empty()
    if not isinstance(node, yaml.MappingNode):
        raise UsageError(f"{path} must be a mapping of keys to values")
    return node


def _empty() -> yaml.MappingNode:
    return yaml.MappingNode("tag:yaml.org,2002:map", [])


def _plain(text: str) -> yaml.ScalarNode:
    return yaml.ScalarNode(_TEXT, text)


def _scalar(node: yaml.Node | None) -> str:
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""


def _get(node: yaml.Node | None, key: str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for name, value in node.value if _scalar(name) == key), None)
    return None


def _remove(node: yaml.MappingNode, key: str) -> None:
    node.value = [(name, value) for name, value in node.value if _scalar(name) != key]


def _set(node: yaml.MappingNode, key: str, value: yaml.Node) -> None:
    _remove(node, key)
    node.value.append((_plain(key), value))


def _is_secret(node: yaml.Node) -> bool:
    return _get(node, "secure") is not None


def _secrets(values: yaml.Node | None) -> Iterator[str]:
    if isinstance(values, yaml.MappingNode):
        yield from [_scalar(name) for name, value in values.value if _is_secret(value)]
