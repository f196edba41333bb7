"""The commands: one module each, from arguments to what is printed. The work lies elsewhere."""
