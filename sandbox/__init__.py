"""The sandbox: a real engine and a real control plane on one machine, without containers.

It offers a toolchain, a kubeconfig and an engine workspace. It knows nothing of what the program
provisions.
"""
