"""The commands: each a module that says what it is given, and calls what does the work."""
