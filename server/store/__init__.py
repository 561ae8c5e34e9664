"""Database ground: engine, unit of work, outbox and audit; nothing here knows the product."""
