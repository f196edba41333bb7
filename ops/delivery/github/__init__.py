"""GitHub: one comment for each stack on a pull request, one issue for each stack's drift."""
