"""The configuration of a stack: what it may say, in which units, and what is allowed.

The models are plain data; components take them as arguments. Reading them from the engine, and
reporting everything that is wrong with them at once, is `settings.load`'s work.
"""
