"""Where plans come from and whom they reach: lineage, who has taken note, plans sent in, and whom to write to."""
