"""The boards of a stack, as Grafana's JSON; pure: a stack's configuration in, documents out."""
