"""Stacks as their program registers them: without engine, cluster and credentials.

For pull requests from forks, which get no secrets, and for whoever wants to know what a checkout
would release.
"""
