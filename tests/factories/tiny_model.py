"""A recogniser small enough for tests, in the shape of a spaCy model package: `load()`.

It names words that end in -berg, -ville and -corp. "STALL" makes it hang and "CRASH" ends its
process, as a text might do to a real one.
"""

import os
import re
import time
from dataclasses import dataclass

LABELS = {"berg": "PERSON", "ville": "GPE", "corp": "ORG"}


@dataclass
class Entity:
    start_char: int
    end_char: int
    label_: str


@dataclass
class Document:
    ents: list[Entity]


def load():
    def read(text: str) -> Document:
        if "STALL" in text:
            time.sleep(60)
        if "CRASH" in text:
            os._exit(7)
        found = re.finditer(r"\b\w+(berg|ville|corp)\b", text)
        return Document([Entity(m.start(), m.end(), LABELS[m[1]]) for m in found])

    return read
