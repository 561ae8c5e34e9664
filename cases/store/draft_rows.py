"""Table of the saved states of a draft: text that passed the identifier check, the author's alone."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from server.store.base import Base, JsonText, UtcDateTime


class DraftStateRow(Base):
    __tablename__ = "case_draft_states"

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    origin: Mapped[str] = mapped_column(String(8))
    writer: Mapped[str] = mapped_column(String(40))
    sequence: Mapped[int]
    answers: Mapped[Any] = mapped_column(JsonText)
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
