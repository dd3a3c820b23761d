"""Identifiers of accounts, phones, links, people and firms: one canonical key each, read from any text."""
