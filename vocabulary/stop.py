"""The object that stops experiments: while it is there, the API server takes no new one.

A ConfigMap beside Chaos Mesh. An admission policy asks for it, so it outlives every controller and
needs none. Operations and the stack have one each, and neither takes away the other's.
"""

POLICY = "chaos-stop.platform.brisa"
"""The admission policy, and the binding that looks for the operators' ConfigMap."""

SWITCH_BINDING = "chaos-kill-switch.platform.brisa"
"""The binding that looks for the stack's."""

BY_HAND = "brisa-chaos-stop"
"""The operators' ConfigMap."""

KILL_SWITCH = "brisa-chaos-kill-switch"
"""The stack's."""

WHO, WHY = "by", "reason"
"""Keys in either."""
