"""What the library holds of a signed letter, for two audiences; pure.

The *issued* face is for people registered in the programme, who were the case's audience in its
session: question and recommendations as signed. The *published* face is for everybody: only the
words that the coordinator rewrote and a specialist reviewed (domain.md §6.5). An e-consult had no
session and no audience: only its published face is kept (decision 0022). Neither holds a
patient reference, a case number or the presenter's place; those stay in the letter.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from cases.library import words
from cases.library.query import EVERYTHING, facet
from cases.rules.letter import Letter, Line
from cases.rules.models import Answers
from cases.rules.publication import Entry
from server.kit.actor import Lane


class Face(StrEnum):
    """Who a document is for."""

    ISSUED = "issued"
    PUBLISHED = "published"


class Standing(StrEnum):
    """What a reader should think of a document before reading it (domain.md §6.5)."""

    CURRENT = "current"
    SUPERSEDED = "superseded"
    OUTDATED = "outdated"


@dataclass(frozen=True, slots=True)
class Item:
    """One recommendation in the library; `said`: (name or nothing, lane, m:ss)."""

    text: str
    problem_area: str
    strength: str
    evidence: str
    role: str
    time_frame: str
    step: int
    rationale: str
    citation_title: str
    citation_year: int | None
    citation_link: str
    cautions: tuple[str, ...]
    said: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class LibraryDoc:
    """One face of one version. `dated_at`: signed (issued) or published; the ranking's age."""

    entry: str
    number: str
    face: Face
    version: int
    programme: str
    programme_code: str
    programme_name: str
    zone: str
    title: str
    question: str
    synopsis: str
    tags: tuple[str, ...]
    types: tuple[str, ...]
    items: tuple[Item, ...]
    signer_label: str
    signed_at: datetime
    dated_at: datetime
    standing: Standing = Standing.CURRENT
    done_and_improved: bool = False

    @property
    def heading(self) -> str:
        """Return what a list shows first."""
        return self.title or self.question

    def fields(self) -> dict[str, str]:
        """Return the texts that are searched, by field of the ranking."""
        return {
            "title": self.title,
            "question": self.question,
            "recommendations": "\n".join(
                f"{item.text}\n{item.rationale}" if item.rationale else item.text
                for item in self.items
            ),
            "tags": ", ".join(self.tags),
            "synopsis": self.synopsis,
        }

    def to_json(self) -> dict[str, Any]:
        """Return the document as JSON values, for the store."""
        return asdict(self) | {
            "signed_at": self.signed_at.isoformat(),
            "dated_at": self.dated_at.isoformat(),
        }


def from_json(body: Mapping[str, Any]) -> LibraryDoc:
    """Return a document from what `to_json` made."""
    return LibraryDoc(
        **{
            **body,
            "face": Face(body["face"]),
            "standing": Standing(body["standing"]),
            "tags": tuple(body["tags"]),
            "types": tuple(body["types"]),
            "items": tuple(
                Item(
                    **{
                        **item,
                        "cautions": tuple(item["cautions"]),
                        "said": tuple((s[0], s[1], s[2]) for s in item["said"]),
                    }
                )
                for item in body["items"]
            ),
            "signed_at": datetime.fromisoformat(body["signed_at"]),
            "dated_at": datetime.fromisoformat(body["dated_at"]),
        }
    )


_TAGGED: Final = (("diagnoses", "label"), ("medications", "name"))


def _tags(answers: Answers | None) -> tuple[str, ...]:
    """Return a case's conditions and medicines, as its author named them."""
    found: list[str] = []
    for grid, column in _TAGGED:
        rows = answers.get(grid) if answers else None
        if isinstance(rows, list):
            found += [
                str(row[column]) for row in rows if isinstance(row, dict) and row.get(column)
            ]
    return tuple(dict.fromkeys(found))


def _types(answers: Answers | None) -> tuple[str, ...]:
    kinds = answers.get("question_types") if answers else None
    return tuple(str(k) for k in kinds) if isinstance(kinds, list) else ()


def _item(line: Line, *, public: bool) -> Item:
    """Return one recommendation. In public, voices from spokes go without their names.

    A clinician's name leads to a clinic, and the clinic is narrower than a state (45 CFR
    164.514(b)(2)(i)(B)).
    """
    return Item(
        text=line.text,
        problem_area=line.problem_area,
        strength=line.strength,
        evidence=line.evidence,
        role=line.role,
        time_frame=line.time_frame,
        step=line.step,
        rationale=line.rationale,
        citation_title=line.citation_title,
        citation_year=line.citation_year,
        citation_link=line.citation_link,
        cautions=line.cautions,
        said=tuple(
            ("" if public and v.lane is Lane.SPOKE else v.label, v.lane.value, v.at)
            for v in line.said
        ),
    )


def build(letter: Letter, answers: Answers | None, entry: Entry) -> LibraryDoc:
    """Return what registered people of the programme read once a letter is signed."""
    return LibraryDoc(
        entry=entry.id,
        number=entry.key,
        face=Face.ISSUED,
        version=letter.version,
        programme=letter.programme,
        programme_code=letter.programme_code,
        programme_name=letter.programme_name,
        zone=letter.zone,
        title="",
        question=letter.question,
        synopsis="",
        tags=_tags(answers),
        types=_types(answers),
        items=tuple(_item(line, public=False) for line in letter.lines),
        signer_label=letter.signer_label,
        signed_at=letter.signed_at,
        dated_at=letter.signed_at,
    )


def build_published(
    letter: Letter, answers: Answers | None, entry: Entry, published_at: datetime
) -> LibraryDoc:
    """Return what everybody reads: the rewritten words, and the recommendations as signed."""
    return LibraryDoc(
        entry=entry.id,
        number=entry.key,
        face=Face.PUBLISHED,
        version=letter.version,
        programme=letter.programme,
        programme_code=letter.programme_code,
        programme_name=letter.programme_name,
        zone=letter.zone,
        title=entry.title,
        question=entry.question,
        synopsis=entry.synopsis,
        tags=tuple(t.strip() for t in entry.tags.split(",") if t.strip()),
        types=_types(answers),
        items=tuple(_item(line, public=True) for line in letter.lines),
        signer_label=letter.signer_label,
        signed_at=letter.signed_at,
        dated_at=published_at,
    )


def index_terms(doc: LibraryDoc) -> tuple[str, ...]:
    """Return every term of a document for the index, facets included, once each and sorted."""
    found = {EVERYTHING}
    for text in doc.fields().values():
        found.update(words.stems(text))
    found.add(facet("programme", doc.programme_code))
    found.add(facet("year", str(doc.dated_at.year)))
    found.update(facet("type", kind) for kind in doc.types)
    for item in doc.items:
        found.add(facet("area", item.problem_area))
        found.add(facet("role", item.role))
        found.add(facet("step", str(item.step)))
        found.add(facet("evidence", item.evidence))
        found.add(facet("strength", item.strength))
    return tuple(sorted(found))
