"""Append-only, sealed record of who did what, why and on what basis."""
