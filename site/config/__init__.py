"""The top of the house: settings, addresses, processes. Only this package knows every other."""
