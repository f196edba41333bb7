"""What can go wrong in the sandbox, as one small taxonomy.

SandboxError
├── UsageError              the command line or the folder asks for something that cannot be
├── PrerequisiteError       this machine lacks something the sandbox cannot provide
├── ToolchainError          a tool could not be had
│   ├── RegistryError       the Go module proxy did not answer
│   ├── DiskFullError       there is no space left for the build
│   └── BuildError          a tool does not compile
├── ChartError              a chart could not be staged from its Go module
├── ImageError              an image could not be made of what is on this machine
├── ServiceError            a process of the control plane does not come up, or went away
│   └── PortTakenError      somebody else took a port it was given
├── PodError                a pod cannot be run as a process of this machine
├── ClusterError            kubectl, or the cluster that it asked, failed
├── DemoError               the demo's Git server did not do what the demo needs
├── TourError               a command of the tour failed
├── UnhealthyError          the sandbox is not, or not wholly, up
└── EngineError             the engine ran and reported a failure, which it has already printed

Every message is complete: what is wrong, and what to do next. None of them needs a traceback.
"""


class SandboxError(Exception):
    """Something the user can read and act upon."""

    exit_code = 1


class UsageError(SandboxError):
    """The command line or the folder asks for something that cannot be."""

    exit_code = 2


class PrerequisiteError(SandboxError):
    """This machine lacks something that the sandbox cannot provide."""


class ToolchainError(SandboxError):
    """A tool of the sandbox could not be had."""


class RegistryError(ToolchainError):
    """The Go module proxy did not answer."""


class DiskFullError(ToolchainError):
    """There is no space left for the build."""


class BuildError(ToolchainError):
    """A tool does not compile."""


class ChartError(SandboxError):
    """A chart could not be staged from its Go module."""


class ImageError(SandboxError):
    """An image could not be made of what is on this machine."""


class ServiceError(SandboxError):
    """A process of the control plane does not come up, or went away."""


class PortTakenError(ServiceError):
    """Somebody else took a port that a process of the control plane was given."""


class PodError(SandboxError):
    """A pod cannot be run as a process of this machine."""


class ClusterError(SandboxError):
    """Kubectl, or the cluster that it asked, failed."""


class DemoError(SandboxError):
    """The demo's Git server did not do what the demo needs."""


class TourError(SandboxError):
    """A command of the tour failed."""


class UnhealthyError(SandboxError):
    """The sandbox is not, or not wholly, up."""

    exit_code = 3


class EngineError(SandboxError):
    """The engine ran and reported a failure, which it has already printed."""
