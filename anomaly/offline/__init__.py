"""What people do on their machines: replay the past, grade it, explain it and draw it.

Not in the pod. How good alerts are is counted here for the command line, the benchmark and the
reports on experiments alike, so that a figure means the same wherever it stands.
"""
