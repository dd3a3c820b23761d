"""Entries found by a fragment of their identifier, in whatever form somebody remembers it."""

from lachan.registry.search.finder import Finder
from lachan.registry.search.reading import FRAGMENT_LEAST, Wanted, read_wanted

__all__ = ["FRAGMENT_LEAST", "Finder", "Wanted", "read_wanted"]
