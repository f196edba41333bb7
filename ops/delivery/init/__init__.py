"""The first stack file: from a dozen answers, or from what a cluster has, to one that passes.

What a stack file may say is the program's to judge: it is run on every draft.
"""
