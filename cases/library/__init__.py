"""The knowledge base: what was advised, in a form that can be found.

`documents`, `query`, `ranking` and `snippets` are pure; the index only recalls candidates, so that
the order of results is the same on every database.
"""
