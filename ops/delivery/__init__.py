"""How a change travels: the preview on a pull request, the promotion to production, the drift.

Called by the workflows and by people (`python -m ops`). It reads the engine's events, the
cluster, Prometheus and GitHub; it knows the program only by what that registers.
"""
