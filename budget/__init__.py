"""Participatory budgets (burgerbegroting)."""
