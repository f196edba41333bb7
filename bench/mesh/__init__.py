"""What a growing catalogue costs where it lives: the real istiod, a real API server, `ops status`.

The objects are those that the program emits; Services and pods are made beside them as data, so
that no node is needed, and proxies are stood in for by clients that ask istiod as Envoy does.
"""
