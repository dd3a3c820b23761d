"""Delivery of one message to one webhook: signed at the moment of sending, never redirected, never waited for long."""
