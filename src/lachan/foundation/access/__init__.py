"""Agencies, people, roles, API clients, and who may ask or do what."""
