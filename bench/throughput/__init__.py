"""How fast detectors are and how much memory they take: on one core, each in a fresh process."""
