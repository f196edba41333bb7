"""Chaos engineering from the outside: what runs, stop it, free what is stuck, report on a run."""
