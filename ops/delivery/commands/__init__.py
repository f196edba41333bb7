"""The commands: each a module with `register`, which adds its arguments, and what it runs."""
