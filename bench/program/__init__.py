"""What the program costs, beside a flat program that registers the same, and how that grows.

Everything runs through the real engine, with a provider that answers at once, so that what is
measured is the program and not a cluster.
"""
