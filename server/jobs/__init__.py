"""Background work: supervised tasks, the outbox relay, periodic jobs, mail."""
