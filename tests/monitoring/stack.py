"""The stack whose boards and rules are tested: `prod`, as it is committed."""

from datetime import UTC, datetime

from settings.load import Settings, read
from tests.program.stacks import configuration
from tests.recording import PROJECT

NOW = datetime(2026, 11, 2, tzinfo=UTC)


def stack(name: str = "prod") -> Settings:
    """The settings of a committed stack."""
    raw = {
        key.removeprefix(f"{PROJECT}:"): value
        for key, value in configuration(name).items()
        if key.startswith(f"{PROJECT}:")
    }
    raw.pop("slackToken")  # of no concern here, and an Output needs an engine
    return read(raw, set(), NOW)
