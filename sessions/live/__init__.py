"""The room while it is happening: pure behaviour, a log, a mailbox, and the deeds that follow.

`messages` and `state` are the values, `timing`, `hands` and `room` the behaviour (pure), `view`
what each audience may see of it, `codec` the log's JSON, `directory` the mailboxes, `conductor`
the deeds, `tickets` the way in.
"""
