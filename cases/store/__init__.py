"""Rows of cases and their mapping to values."""
