"""Definitions of kinds that the stack writes and that no chart of the sandbox brings."""

from sandbox.toolchain.sources import PROMETHEUS_OPERATOR, module_folder


def define_monitoring(cluster) -> None:
    """Have the API server know the Prometheus Operator's kinds.

    From its own files, by kubectl: a `=` among their values is more than PyYAML reads.
    """
    module = module_folder(cluster.toolchain.go, PROMETHEUS_OPERATOR)
    folder = module / "example" / "prometheus-operator-crd"
    cluster.kubectl("apply", "--server-side", "-f", str(folder))
    cluster.wait_for_definitions()
