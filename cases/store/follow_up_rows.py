"""Tables of what follows a case besides its texts: who was asked how it went, who answers it."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from server.store.base import Base, UtcDateTime


class FollowUpAskRow(Base):
    """One question to the presenter about one round; its key is why nobody is asked it twice."""

    __tablename__ = "follow_up_asks"

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str | None] = mapped_column(String(26))
    """NULL: the platform, when the time had come."""


class EConsultAskRow(Base):
    """A hub specialist was asked to answer a case in writing."""

    __tablename__ = "econsult_asks"

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(String(26), primary_key=True, index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(26))


class EConsultReminderRow(Base):
    """Somebody was told that an e-consult is late; its key is why nobody is told so twice."""

    __tablename__ = "econsult_reminders"

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
