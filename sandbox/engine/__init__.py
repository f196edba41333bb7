"""The Pulumi engine on this machine: its workspace, and a stand-in for its Python language host.

`Workspace` runs the CLI against a local file backend. `language_host` takes the place of the
official one where that is not installed; it speaks the engine's own protocol and is started by the
engine, never imported by the program.
"""
