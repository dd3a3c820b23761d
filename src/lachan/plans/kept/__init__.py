"""Plans as they are kept: what was read, what people corrected, what is in force."""
