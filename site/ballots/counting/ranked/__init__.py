"""Ballots that put options in order, and the rules that count them: run-off, transfers, Borda and the Condorcet rules."""
