"""One module per group of commands: options in, documents out."""
