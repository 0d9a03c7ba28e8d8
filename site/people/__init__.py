"""Accounts, roles, proof of residence, privacy."""
