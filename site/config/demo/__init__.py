"""The demonstration: Waterveen, a fictional municipality with a lively year. All texts are our own."""
