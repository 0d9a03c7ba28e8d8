"""File formats of votes. Pure: no Django in here."""
