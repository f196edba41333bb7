"""Replaying the past: what the detector would have said and told, had it run all the time.

Causal: what is said of a point depends on nothing after it. Series of configured signals go through
all that a run does with them (preparation, masks, presence, control of false discoveries); those
of files are judged as they are.
"""
