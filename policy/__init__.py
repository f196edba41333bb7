"""The policy pack: one table of rules, enforced in previews, in the cluster, and in documentation.

Rules are pure functions over resources; they know nothing of the components that create them.
"""
