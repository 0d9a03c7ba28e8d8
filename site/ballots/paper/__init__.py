"""Ballots on paper: envelopes that mark the roll, batches that two persons enter, the reconciliation, and what is printed."""
