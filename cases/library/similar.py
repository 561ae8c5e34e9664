"""Entries of the library like a case that is being written: for its author, before it is sent.

The facts come as typed. They are screened first: while they hold a blocking identifier nothing is
looked up, and nothing of them is kept in either case (docs/decisions/0007).
"""

import asyncio
from dataclasses import dataclass
from datetime import date
from typing import Final

from cases.library import index as recall
from cases.library import likeness
from cases.library import query as reading
from cases.library.documents import from_json
from cases.library.indexer import index_for
from cases.library.likeness import Facts, Like
from cases.library.search import LIMIT, visible_to
from server.deid import detect
from server.kit.actor import Actor
from server.store.unit import Unit

LONGEST_QUESTION: Final = 500
LONGEST_NAME: Final = 120
MOST_NAMES: Final = 20


@dataclass(frozen=True, slots=True)
class Similar:
    """What was found. `held`: an identifier stands in the facts, nothing was looked up."""

    found: tuple[Like, ...] = ()
    held: bool = False


def holds_identifier(facts: Facts, today: date) -> bool:
    """Say whether one of the texts must not be looked up with."""
    texts = (facts.question, *facts.diagnoses, *facts.medicines)
    written = {str(n): text for n, text in enumerate(texts) if text}
    results = detect.scan_fields(written, today=today)
    return any(result.blocking for result in results.values())


async def similar(unit: Unit, actor: Actor, facts: Facts) -> Similar:
    """Return the entries this reader may open that are like the case, most first.

    Raises Forbidden when the library is not open to the actor.
    """
    visible = visible_to(actor)
    if facts.is_empty:
        return Similar()
    if await asyncio.to_thread(holds_identifier, facts, unit.now.date()):
        return Similar(held=True)
    query = reading.parse(facts.line()[: reading.LONGEST_QUERY])
    asked = reading.loosened(query) or query
    if asked.is_empty:
        return Similar()
    stored = await recall.candidates(unit, index_for(unit), asked, visible, LIMIT)
    return Similar(likeness.rank(facts, (from_json(one.body) for one in stored)))
