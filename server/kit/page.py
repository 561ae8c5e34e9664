"""Keyset paging: a page of items and the cursor that fetches the next."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list, in order; `next_cursor` is None on the last page."""

    items: tuple[T, ...]
    next_cursor: str | None = None
