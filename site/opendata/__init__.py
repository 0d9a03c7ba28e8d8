"""Open data of every instrument."""
