"""The verdict of an environment: what can be said of the release that it runs, signed.

It tells what was seen, good or bad; the gate judges. What nobody has judged is `none`, not a guess.
"""
