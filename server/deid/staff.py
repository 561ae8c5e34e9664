"""The check of what staff write about the clinic: names, titles, topics that others read.

Such a text is about a programme, not about a person in a case: the people in it are those who
teach, and its dates are the clinic's own. What is left of the block tier has no honest use there:
contacts and numbers (deidentification.md, architecture 6: every text, on every edit).
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

from server.deid import detect
from server.deid.models import Category, Tier
from server.deid.words import WORDS
from server.kit.errors import Invalid

WELCOME: Final = frozenset({Category.NAME, Category.DATE})
"""What may stand in a text about the clinic: who teaches, and when."""


def check(texts: Mapping[str, str], today: date) -> None:
    """Raise Invalid `text.identifiers`, with a sentence for every field that must not be stored."""
    found: dict[str, str] = {}
    for name, text in texts.items():
        for finding in detect.scan(text, today=today).findings:
            if finding.tier is Tier.BLOCK and finding.category not in WELCOME:
                found.setdefault(name, WORDS[finding.category.value])
    if found:
        raise Invalid("text.identifiers", found)
