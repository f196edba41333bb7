"""Objects of pods that the tests run: small, and as restricted as the platform's own."""

from typing import Any

_IMAGE = "docker.io/library/python:3.11-slim"
_USER = 65532
_SERVER = """
import http.server, socket
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"{socket.gethostname()} {self.path}\\n".encode())
print("serving", flush=True)
http.server.ThreadingHTTPServer(("", 8080), Handler).serve_forever()
"""


def namespace(name: str) -> dict[str, Any]:
    """A namespace that refuses every pod that is not restricted."""
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name, "labels": labels},
    }


def pod_spec(script: str, **fields: Any) -> dict[str, Any]:
    """A pod that runs a Python script as nobody, with everything dropped that can be."""
    container = {
        "name": "main",
        "image": _IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "command": ["python3", "-c", script],
        "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "256Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        **fields,
    }
    return {
        "terminationGracePeriodSeconds": 1,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": _USER,
            "fsGroup": _USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
    }


def web(name: str, home: str, *, replicas: int = 1) -> list[dict[str, Any]]:
    """A web server with probes, behind a Service."""
    labels = {"app": name}
    metadata = {"name": name, "namespace": home}
    spec = pod_spec(
        _SERVER,
        ports=[{"containerPort": 8080}],
        readinessProbe={"httpGet": {"path": "/ready", "port": 8080}, "periodSeconds": 1},
        livenessProbe={"httpGet": {"path": "/live", "port": 8080}, "periodSeconds": 5},
    )
    return [
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": metadata,
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": spec},
            },
        },
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": metadata,
            "spec": {"selector": labels, "ports": [{"port": 80, "targetPort": 8080}]},
        },
    ]
