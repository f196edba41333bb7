"""The four boards: what alerts link to, and what Grafana knows them by for good."""

GITOPS, MESH, ANOMALY, CHAOS = "gitops", "mesh", "anomaly", "chaos"
BOARDS = (GITOPS, MESH, ANOMALY, CHAOS)


def uid(board: str, environment: str) -> str:
    """A board's identity in Grafana; stacks that share a Grafana have boards of their own."""
    return f"brisa-{environment}-{board}"
