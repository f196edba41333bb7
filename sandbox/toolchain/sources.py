"""Go modules that are read as files: charts, CRDs and release manifests, checksums verified."""

import json
import subprocess
from pathlib import Path

from sandbox.errors import ToolchainError
from sandbox.toolchain.catalogue import TOOLS
from sandbox.toolchain.failures import toolchain_error
from sandbox.toolchain.go import Go

CHAOS_MESH = "github.com/chaos-mesh/chaos-mesh"
FLUX_OPERATOR = "github.com/controlplaneio-fluxcd/flux-operator"
ISTIO = "istio.io/istio"
NFTABLES = "github.com/google/nftables"
PROMETHEUS_OPERATOR = "github.com/prometheus-operator/prometheus-operator"
PULUMI_KUBERNETES_SDK = "github.com/pulumi/pulumi-kubernetes/sdk/v4"
PINS = TOOLS / "sources"
"""The module whose go.mod and go.sum pin them."""


def module_folder(go: Go, module: str) -> Path:
    """The folder of a pinned module in the module cache, downloaded when it is not there."""
    answer = subprocess.run(
        [go.program, "mod", "download", "-json", module],
        cwd=PINS,
        env=go.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        raise toolchain_error(f"cannot download {module}", answer.stdout + answer.stderr)
    folder = json.loads(answer.stdout).get("Dir")
    if folder is None:
        raise ToolchainError(f"cannot download {module}: go names no folder for it")
    return Path(folder)
