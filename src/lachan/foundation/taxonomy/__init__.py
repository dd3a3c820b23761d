"""Dated legal bases, clocks and thresholds, scam forms, agency kinds, holidays: law as data."""
