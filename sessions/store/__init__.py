"""The rows of sessions, and the functions that load and save them as frozen values.

Functions take a `Unit` and never commit. Every save of an aggregate names the version it read.
"""
