"""The Pulumi engine on this machine: its workspace, and stand-ins for plugins that cannot be had.

`Workspace` runs the CLI against a local file backend. `language_host` and `kubernetes` take the
place of the official plugins where those cannot be downloaded; both speak the engine's own
protocol and are started by the engine, never imported by the program.
"""
