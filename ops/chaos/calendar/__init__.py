"""The calendar of experiments: every firing of the coming weeks, and what is wrong with them."""

from ops.chaos.calendar.build import Rules, calendar_of, rules_of
from ops.chaos.calendar.document import Calendar

__all__ = ["Calendar", "Rules", "calendar_of", "rules_of"]
