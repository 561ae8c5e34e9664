"""Every change of sessions: load → rule → save → publish → record.

Commands take a `Unit` and never commit: the caller's transaction carries state, events and audit
together. `actor` None means the house itself (a periodic job, a reaction to an event).
"""
