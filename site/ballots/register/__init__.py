"""Rolls from an extract of the municipal register, and the voting codes that go with them (docs/decisions/0020)."""
