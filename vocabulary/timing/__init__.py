"""Time as configuration: durations, cron schedules, windows. Pure; no clock is read here."""
