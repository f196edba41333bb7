"""What can be read of an area of which some entries are wrong.

So that one bad entry does not hide what is wrong between the others.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import pydantic

from settings.problems import Problem, follows
from settings.types import Model

Area = TypeVar("Area", bound=Model)


@dataclass(frozen=True)
class Remainder(Generic[Area]):
    """An area without its bad entries."""

    area: Area
    """What is left."""

    places: Mapping[str, Sequence[int]]
    """For each list that lost entries, where those that are left stood."""

    def restored(self, problem: Problem) -> Problem:
        """A problem of the remainder, at its place in the whole."""
        match problem.path:
            case (area, str(key), int(place), *inner) if key in self.places:
                return replace(problem, path=(area, key, self.places[key][place], *inner))
        return problem


def remainder(model: type[Area], text: str) -> Remainder[Area] | None:
    """Read an area without those entries of its lists that are wrong; None if more than they is."""
    try:
        return Remainder(_read(model, text), {})
    except pydantic.ValidationError as error:
        wrong = [details["loc"] for details in error.errors() if not follows(details)]
    bad: dict[str, set[int]] = {}
    for location in wrong:
        match location:
            case (str(key), int(place), *_):
                bad.setdefault(key, set()).add(place)
            case _:
                return None
    tree = json.loads(text)
    places = {
        key: [place for place in range(len(tree[key])) if place not in bad[key]] for key in bad
    }
    left = {key: [tree[key][place] for place in places[key]] for key in places}
    try:
        return Remainder(_read(model, json.dumps(tree | left)), places)
    except pydantic.ValidationError:
        return None


def _read(model: type[Area], text: str) -> Area:
    return model.model_validate_json(text, strict=True, by_name=False, by_alias=True)
