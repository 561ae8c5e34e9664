"""Programmes, series and sessions: the calendar, the live room and the media plane.

What lives here
- `rules`     pure decisions: recurrence, agenda, life cycle, access
- `store`     the rows of programmes, series, sessions, captures, attendance and the room log
- `commands`  every change: create a series, open and run a session, capture a line
- `queries`   every read, as frozen values
- `live`      the room while it is happening: one pure state machine per session
- `media`     the media plane: seats and packets, forwarded and never decoded
- `web`       pages and socket events
- `api`, `events`   the front door: the only modules other features may import
"""
