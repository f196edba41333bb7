"""Whatever Flux can be told to look after, held against the schemas of its own definitions."""

import pytest
import yaml

from components.flux import FluxSync
from settings.gitops import GitOps
from tests.components.further_flux import EVERYTHING
from tests.program.stacks import manifest
from tests.recording import deploy

pytestmark = pytest.mark.cluster


def test_every_object_is_taken_to_the_letter(platform):
    settings = GitOps.model_validate(EVERYTHING)
    objects = [manifest(each) for each in deploy(lambda: FluxSync("gitops", settings, ())).objects]
    taken = platform.kubectl(
        "apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", "-",
        stdin=yaml.safe_dump_all(objects),
    )  # fmt: skip
    assert len(taken.splitlines()) == len(objects)
