"""Real objects for tests. The same people everywhere: Anna, Bram, Chaima, Dirk, Eva."""
