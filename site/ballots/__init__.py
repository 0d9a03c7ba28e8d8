"""The ballot box: roll, ballots, receipts, counting."""
