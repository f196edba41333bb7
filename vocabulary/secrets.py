"""What a secret looks like: by its own shape, by the name it goes under, by the line it stands in.

Policies look for secrets where none may be, and whoever shows something to people keeps them out.
"""

import re

SHAPES = {
    "a Slack webhook URL": r"hooks\.slack\.com/(services|workflows)/\w",
    "a Slack token": r"\bxox[abeoprs]-[\w-]{10,}",
    "a GitHub token": r"\b(gh[opsur]_\w{30,}|github_pat_\w{30,})",
    "a GitLab token": r"\bglpat-[\w-]{15,}",
    "an AWS access key": r"\b(AKIA|ASIA)[0-9A-Z]{16}\b",
    "a Google API key": r"\bAIza[\w-]{35}",
    "a Pulumi token": r"\bpul-[0-9a-f]{40}\b",
    "a PagerDuty webhook URL": r"events\.pagerduty\.com/integration/\w",
    "a Teams webhook URL": r"webhook\.office\.com/\w",
    "a JSON web token": r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY",
    "a bearer token": r"(?i:\bbearer\s+[\w.~+/-]{16,})",
    "a password in a URL": r"\w://[^\s/:@]*:[^\s/@${}]+@",
}
PATTERNS = {what: re.compile(pattern) for what, pattern in SHAPES.items()}
SECRET_NAME = re.compile(
    r"(^|[_.-]|[a-z](?=[A-Z]))(password|passwd|pwd|token|secret|api[_-]?key|credentials?)$",
    re.IGNORECASE,
)
SECRET_LINE = re.compile(
    r"(?im)^\s*[\"']?[\w.-]*(?:password|passwd|token|secret|api[_-]?key)[\"']?\s*[:=]\s*"
    r"[\"']?(?![\s$/<{\[\"']|null\b|none\b|true\b|false\b)[^\s\"'#,]{8,}"
)
