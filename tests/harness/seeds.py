"""The data of a demonstration just made, kept for the servers that start after it.

Seeding lives through six weeks by the real commands: five seconds of work. Whoever starts in the
same quarter of an hour would make the same demonstration (its session begins at the quarter), and
gets a copy instead.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from server.demo import quarter_hour

DATABASE = "caseround.sqlite3"


class Seeds:
    """The newest demonstration, kept in a folder of the caller's."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: datetime | None = None

    def put_into(self, data: Path, now: datetime) -> bool:
        """Fill an empty folder with the demonstration of this quarter of an hour; False without one."""
        if self._made != quarter_hour(now):
            return False
        shutil.copytree(self._folder, data, dirs_exist_ok=True)
        return True

    def take_from(self, data: Path, began: datetime) -> None:
        """Keep a copy of what a running server has just made, having begun at `began`."""
        self._made = None
        shutil.rmtree(self._folder, ignore_errors=True)
        # Not the lock and the write-ahead log: the database is asked for a whole copy of itself.
        shutil.copytree(data, self._folder, ignore=shutil.ignore_patterns(f"{DATABASE}*"))
        with (
            closing(sqlite3.connect(data / DATABASE)) as source,
            closing(sqlite3.connect(self._folder / DATABASE)) as copy,
        ):
            source.backup(copy)
        self._made = quarter_hour(began)
