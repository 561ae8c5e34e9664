"""Cases: their frozen texts, signatures, identifier decisions and serial numbers."""

import sqlalchemy as sa
from alembic import op

from server.store.base import JsonText, UtcDateTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    _cases()
    _versions()
    _signatures()


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("programme_id", sa.String(26), nullable=False),
        sa.Column("programme_code", sa.String(4), nullable=False),
        sa.Column("case_no", sa.String(16), nullable=True),
        sa.Column("patient_ref", sa.String(12), nullable=False),
        sa.Column("case_type", sa.String(10), nullable=False),
        sa.Column("prior_case_id", sa.String(26), nullable=True),
        sa.Column("author_id", sa.String(26), nullable=False),
        sa.Column("organisation_id", sa.String(26), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("state_at", UtcDateTime(), nullable=False),
        sa.Column("submitted_at", UtcDateTime(), nullable=True),
        sa.Column("urgency", sa.String(10), nullable=False),
        sa.Column("main_question", sa.Text(), nullable=False),
        sa.Column("content_version", sa.Integer(), nullable=False),
        sa.Column("safety", JsonText(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("session_id", sa.String(26), nullable=True),
        sa.Column("agenda_item_id", sa.String(26), nullable=True),
        sa.Column("presented_at", UtcDateTime(), nullable=True),
        sa.Column("publication_veto", sa.Boolean(), nullable=False),
        sa.Column("draft", JsonText(), nullable=True),
        sa.Column("draft_saved_at", UtcDateTime(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        sa.UniqueConstraint("case_no", name="uq_cases_case_no"),
    )
    op.create_index("ix_cases_patient_ref", "cases", ["patient_ref"])
    op.create_index("ix_cases_author_id", "cases", ["author_id"])
    op.create_index("ix_cases_session_id", "cases", ["session_id"])
    op.create_index("ix_cases_programme_id_state", "cases", ["programme_id", "state"])
    op.create_table(
        "case_serials",
        sa.Column("programme_id", sa.String(26), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("programme_id", "year", name="pk_case_serials"),
    )


def _versions() -> None:
    op.create_table(
        "case_versions",
        sa.Column("case_id", sa.String(26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("answers", JsonText(), nullable=True),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("ruleset", sa.String(80), nullable=False),
        sa.Column("form_version", sa.String(20), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("checked_at", UtcDateTime(), nullable=True),
        sa.Column("checked_by", sa.String(26), nullable=True),
        sa.Column("purged_at", UtcDateTime(), nullable=True),
        sa.Column("purged_by", sa.String(26), nullable=True),
        sa.PrimaryKeyConstraint("case_id", "number", name="pk_case_versions"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_versions_case_id_cases"),
    )


def _signatures() -> None:
    op.create_table(
        "attestations",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("case_id", sa.String(26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("wording", sa.String(24), nullable=False),
        sa.Column("person_id", sa.String(26), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attestations"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_attestations_case_id_cases"),
        sa.UniqueConstraint("case_id", "number", "kind", name="uq_attestations_case_id"),
    )
    op.create_table(
        "finding_decisions",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("case_id", sa.String(26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(60), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("stop", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(16), nullable=False),
        sa.Column("rule", sa.String(60), nullable=False),
        sa.Column("tier", sa.String(8), nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(24), nullable=False),
        sa.Column("person_id", sa.String(26), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_finding_decisions"),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name="fk_finding_decisions_case_id_cases"
        ),
    )
    op.create_index(
        "ix_finding_decisions_case_id_number", "finding_decisions", ["case_id", "number"]
    )
