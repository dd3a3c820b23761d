"""Lá Chắn: the open platform with which a Vietnamese province fights online fraud."""

__version__ = "0.1.0.dev0"
