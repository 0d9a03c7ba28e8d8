"""The Method of Equal Shares: exact, on grouped ballots, with growing shares."""
