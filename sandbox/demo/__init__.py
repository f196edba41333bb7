"""What runs in a cluster beside the platform, so that there is something to see.

Four services that call each other, a Git server that Flux applies them from, a gateway, load with a
daily rhythm, Prometheus and Alertmanager. Programs run in pods and need Python only; manifests are
plain files. Names and edges are data of the demo: `Pulumi.sandbox.yaml` declares the same services.
"""
