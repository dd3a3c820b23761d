"""The web door: pages for the public, the desk, institutions and administrators."""
