"""Outbox, preferences, e-mail."""
