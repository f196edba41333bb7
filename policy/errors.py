"""What can be wrong about a policy configuration.

PolicyConfigError
"""


class PolicyConfigError(ValueError):
    """Somebody wrote a policy configuration that names unknown rules or wrong values."""
