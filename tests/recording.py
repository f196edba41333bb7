"""Runs a program against a monitor that records every registration, as a graph to ask."""

from collections.abc import Iterator, Mapping

from ops.delivery.rendering.recording import PROJECT, Program, Registered, record
from vocabulary.kinds import Kind

__all__ = ["PROJECT", "Graph", "Registered", "deploy"]


class Graph:
    """Everything that a program registered."""

    def __init__(self, registered: dict[str, Registered]) -> None:
        self.registered = registered

    def __iter__(self) -> Iterator[Registered]:
        return iter(self.registered.values())

    def all(self, wanted: Kind | str) -> list[Registered]:
        """The resources of a kind or a Pulumi type, in the order of their names."""
        token = wanted if isinstance(wanted, str) else wanted.token
        found = [item for item in self if item.type == token]
        return sorted(found, key=lambda item: item.name)

    def one(self, wanted: Kind | str, name: str | None = None) -> Registered:
        """The only resource of a kind or type, or the only one whose object has this name."""
        (found,) = [
            item for item in self.all(wanted) if name is None or item.metadata["name"] == name
        ]
        return found

    @property
    def objects(self) -> list[Registered]:
        """Everything but components."""
        return [item for item in self if item.type.startswith("kubernetes:")]

    def waits(self, later: Registered, earlier: Registered) -> bool:
        """Whether `later` is created after `earlier`, and destroyed before it."""
        seen: set[str] = set()
        frontier = [later.urn]
        while frontier:
            item = self.registered.get(frontier.pop())
            for urn in {item.parent, *item.dependencies} - seen if item else ():
                seen.add(urn)
                frontier.append(urn)
        return earlier.urn in seen


def deploy(
    program: Program,
    *,
    stack: str = "test",
    configuration: Mapping[str, str] | None = None,
    secrets: tuple[str, ...] = (),
    preview: bool = False,
) -> Graph:
    """Run a program in an engine of its own and return what it registered."""
    return Graph(
        record(
            program,
            stack=stack,
            configuration=configuration or {},
            secrets=secrets,
            preview=preview,
        )
    )
