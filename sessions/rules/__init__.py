"""Pure decisions about programmes, series and sessions; no I/O, `now` is always an argument."""
