"""Where the money went, and what to hold now."""
