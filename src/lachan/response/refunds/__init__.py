"""Giving the money back: pools, pay-out lists, and what institutions say they paid."""
