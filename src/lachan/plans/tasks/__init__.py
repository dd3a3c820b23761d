"""The work that follows from a plan: who does it, by when, and what shows that it was done."""
