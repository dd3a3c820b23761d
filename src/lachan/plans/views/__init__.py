"""Read-only questions about plans and tasks: an agency is shown its own, and what is shared with it."""
