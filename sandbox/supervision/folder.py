"""Where the supervisor and its starters keep what they tell each other."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class GroupFolder:
    """The folder of one supervised group."""

    root: Path
    """Working directory of every service; holds all state and goes away with the group."""

    @property
    def services(self) -> Path:
        """What to run, written before the supervisor starts."""
        return self.root / "services.json"

    @property
    def state(self) -> Path:
        """What runs, written by the supervisor."""
        return self.root / "state.json"

    @property
    def lock(self) -> Path:
        """Held by the supervisor for its whole life, so that there is never a second one."""
        return self.root / "supervisor.lock"

    @property
    def logs(self) -> Path:
        """One log file per service, and the supervisor's own."""
        return self.root / "logs"

    def log(self, name: str) -> Path:
        """The log file of a service."""
        return self.logs / f"{name}.log"
