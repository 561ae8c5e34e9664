"""Alembic migrations, one environment for both databases."""
