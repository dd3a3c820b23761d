"""One verb per function; each changes state and trail in one transaction."""
