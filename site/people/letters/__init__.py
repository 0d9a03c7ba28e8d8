"""Letters with a code: batches, the printer's files, and entering a code."""
