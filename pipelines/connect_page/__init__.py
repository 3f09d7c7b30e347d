"""The local page on which a person logs in at their bank, and what the terminal and the page tell each other."""
