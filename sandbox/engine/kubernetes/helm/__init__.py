"""Helm releases (``kubernetes:helm.sh/v3:Release``), installed by the real Helm."""
