"""Programmes, series, sessions with their agenda; captures, attendance, room log."""

import sqlalchemy as sa
from alembic import op

from server.store.base import JsonText, UtcDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _schedule()
    _records()


def _schedule() -> None:
    op.create_table(
        "programmes",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("code", sa.String(4), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("hub_id", sa.String(26), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("template", sa.String(8), nullable=False),
        sa.Column("cases_first", sa.Boolean(), nullable=False),
        sa.Column("learner_sees_case", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_programmes"),
        sa.UniqueConstraint("code", name="uq_programmes_code"),
    )
    op.create_table(
        "series",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("programme_id", sa.String(26), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("at", sa.Time(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("every_weeks", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("template", sa.String(8), nullable=False),
        sa.Column("cases_first", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_series"),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name="fk_series_programme_id_programmes"
        ),
    )
    op.create_index("ix_series_programme_id", "series", ["programme_id"])
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("programme_id", sa.String(26), nullable=False),
        sa.Column("series_id", sa.String(26), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("template", sa.String(8), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("practice", sa.Boolean(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.UniqueConstraint("series_id", "number", name="uq_sessions_series_id"),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name="fk_sessions_programme_id_programmes"
        ),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name="fk_sessions_series_id_series"),
    )
    op.create_index(
        "ix_sessions_programme_id_starts_at", "sessions", ["programme_id", "starts_at"]
    )
    op.create_index("ix_sessions_state_starts_at", "sessions", ["state", "starts_at"])
    op.create_table(
        "agenda_items",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("session_id", sa.String(26), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(26), nullable=True),
        sa.Column("label", sa.String(120), nullable=False),
        sa.Column("presenter_id", sa.String(26), nullable=True),
        sa.Column("presented_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_agenda_items"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name="fk_agenda_items_session_id_sessions"
        ),
    )
    op.create_index("ix_agenda_items_session_id", "agenda_items", ["session_id"])
    op.create_index("ix_agenda_items_ref", "agenda_items", ["ref"])


def _records() -> None:
    op.create_table(
        "captures",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("session_id", sa.String(26), nullable=False),
        sa.Column("item_id", sa.String(26), nullable=False),
        sa.Column("author_id", sa.String(26), nullable=False),
        sa.Column("speaker_id", sa.String(26), nullable=False),
        sa.Column("lane", sa.String(8), nullable=False),
        sa.Column("problem_area", sa.String(20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("merged_into", sa.String(26), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_captures"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name="fk_captures_session_id_sessions"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["agenda_items.id"], name="fk_captures_item_id_agenda_items"
        ),
        sa.ForeignKeyConstraint(
            ["merged_into"], ["captures.id"], name="fk_captures_merged_into_captures"
        ),
    )
    op.create_index("ix_captures_session_id", "captures", ["session_id"])
    op.create_index("ix_captures_item_id", "captures", ["item_id"])
    op.create_table(
        "attendance",
        sa.Column("seat_id", sa.String(26), nullable=False),
        sa.Column("session_id", sa.String(26), nullable=False),
        sa.Column("person_id", sa.String(26), nullable=False),
        sa.Column("arrived_at", UtcDateTime(), nullable=False),
        sa.Column("left_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("seat_id", "arrived_at", name="pk_attendance"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name="fk_attendance_session_id_sessions"
        ),
    )
    op.create_index("ix_attendance_session_id", "attendance", ["session_id"])
    op.create_index("ix_attendance_person_id", "attendance", ["person_id"])
    op.create_table(
        "room_log",
        sa.Column("session_id", sa.String(26), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("command", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("session_id", "seq", name="pk_room_log"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name="fk_room_log_session_id_sessions"
        ),
    )
