"""Neighbourhood platforms and panels."""
