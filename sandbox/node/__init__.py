"""One real Kubernetes node beside the sandbox's control plane.

containerd, kubelet, kube-proxy and the scheduler run in network, mount, process and host name
namespaces of their own. Nothing of this machine changes but cgroups named for the sandbox, which
go away with it. The control plane stays outside, on loopback and without root.

Knows nothing of the control plane's insides and nothing of what runs in the pods.
"""
