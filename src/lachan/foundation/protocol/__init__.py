"""The open protocol with institutions: messages, signatures, coin arithmetic."""
