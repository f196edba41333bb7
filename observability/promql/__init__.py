"""Expressions that boards and rules both ask for, so that a panel and its alert mean the same."""
