"""One file per kind of identifier: clean, caption, mask, details."""
