"""Drift: what runs is not what was declared. Pulumi owns what the stack declares, Flux the rest."""
