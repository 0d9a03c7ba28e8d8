"""Municipality, districts, neighbourhoods, addresses."""
