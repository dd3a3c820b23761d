"""Scam gangs: mules, scams of every form, and stolen money on its way out, with nothing hidden from the record."""

from lachan.sandbox.people.gangs.book import Book
from lachan.sandbox.people.gangs.run import run_gangs

__all__ = ["Book", "run_gangs"]
