"""The commands of the sandbox, one module each: its arguments and what it does."""
