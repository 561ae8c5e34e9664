"""Plain functions that make what a test needs, with explicit arguments and no surprises."""
