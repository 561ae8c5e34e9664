"""Pages of programmes, series and sessions: parse, ask or command, render. No decisions."""
