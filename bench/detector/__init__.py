"""The detector beside others: what is run, in which order, and how it is shown."""
