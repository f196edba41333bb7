"""What to do about anomalies, in words: which signals together point to what, and where to look."""

_CAUSES = (
    ("latency and traffic up", "load", "who calls more than usual; retries that make the load"),
    ("latency and errors up", "a dependency", "what the service calls; answers that time out"),
    ("latency up alone", "what it waits for", "what it calls, its limits, the last revision"),
    ("errors up alone", "the service", "the last revision, logs of requests that fail"),
    ("traffic down, errors up", "an outage", "readiness, the route to it, the last rollout"),
    ("traffic down alone", "its callers", "who calls less; whether it can be reached"),
    ("no traffic at all", "it is gone", "its pods; whether it is still scraped"),
    ("memory or goroutines up", "a leak", "since which revision they rise"),
)


def recommendations(runbook: str) -> str:
    """Markdown for the board; `runbook` is the page that alerts link to."""
    rows = "\n".join(f"| {signals} | {cause} | {look} |" for signals, cause, look in _CAUSES)
    return (
        "| What is unusual | Points to | Look at |\n|---|---|---|\n"
        f"{rows}\n\n"
        "Blue marks are revisions, red ones experiments. "
        f"[Runbook]({runbook}#anomalydetected)"
    )
