"""Where the rules' pages can be read."""

PAGES = "https://github.com/albertodimas/brisa-cubana-clean-intelligence/blob/main/docs/policies"
