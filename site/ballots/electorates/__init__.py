"""Groups of voters in one vote: who belongs to which, which are too small, and what is told of each."""
