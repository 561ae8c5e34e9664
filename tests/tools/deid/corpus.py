"""Reads the development texts of the identifier check: marked text and the JSON form of others."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parents[2] / "corpora" / "deid"
"""Our own texts; every person, place and number in them is invented."""

MARK = re.compile(r"\[\[([a-z_0-9]+)\|([^\[\]|]+)\]\]")

OTHERS = {
    "NAME": "name", "PERSON": "name", "NOMBRE_SUJETO_ASISTENCIA": "name", "NOMBRE_PERSONAL_SANITARIO": "name",
    "GEOGRAPHIC_LOCATION": "geography", "TERRITORIO": "geography", "HOSPITAL": "geography", "CENTRO_SALUD": "geography",
    "INSTITUCION": "geography", "CALLE": "geography", "STREET_ADDRESS": "geography", "ZIP_CODE": "geography", "GPE": "geography",
    "ORGANIZATION": "other", "DATE": "date", "FECHAS": "date", "PHONE_NUMBER": "phone", "NUMERO_TELEFONO": "phone",
    "FAX_NUMBER": "fax", "NUMERO_FAX": "fax", "EMAIL_ADDRESS": "email", "CORREO_ELECTRONICO": "email",
    "SOCIAL_SECURITY_NUMBER": "ssn", "US_SSN": "ssn", "MEDICAL_RECORD_NUMBER": "mrn", "ID_SUJETO_ASISTENCIA": "mrn",
    "ID_CONTACTO_ASISTENCIAL": "mrn", "HEALTH_PLAN_BENEFICIARY_NUMBER": "plan", "ID_ASEGURAMIENTO": "plan",
    "ACCOUNT_NUMBER": "account", "CREDIT_CARD": "account", "IBAN_CODE": "account", "CERTIFICATE_LICENSE_NUMBER": "license",
    "ID_TITULACION_PERSONAL_SANITARIO": "license", "US_DRIVER_LICENSE": "license", "DOMAIN_NAME": "url", "IP_ADDRESS": "ip",
    "UNIQUE_IDENTIFIER": "other",
}  # fmt: skip
"""Labels of other people's corpora in our words; labels that Safe Harbor does not ask for are left out."""


NUMBERS = frozenset(
    [
        "phone",
        "fax",
        "email",
        "ssn",
        "mrn",
        "plan",
        "account",
        "license",
        "vehicle",
        "device",
        "url",
        "ip",
        "age_over_89",
    ]
)
"""Categories with a form: targets of deidentification.md ask for all of them."""


@dataclass(frozen=True, slots=True)
class Span:
    """One planted identifier, offsets in code points."""

    start: int
    end: int
    category: str


@dataclass(frozen=True, slots=True)
class Text:
    """One development text."""

    id: str
    lang: str
    text: str
    spans: tuple[Span, ...]


def parse(marked: str) -> tuple[str, tuple[Span, ...]]:
    """Take the marks out of a text and return it with the spans they stood for."""
    out, spans, position, length = [], [], 0, 0
    for m in MARK.finditer(marked):
        before = marked[position : m.start()]
        out.append(before)
        length += len(before)
        spans.append(Span(length, length + len(m[2]), m[1]))
        out.append(m[2])
        length += len(m[2])
        position = m.end()
    out.append(marked[position:])
    return "".join(out), tuple(spans)


def ours(file: Path) -> list[Text]:
    """Read one of our own files (the form is described in tests/corpora/deid/README.md)."""
    found = []
    for part in re.split(r"(?m)^=== ", file.read_text("utf-8"))[1:]:
        head, _, body = part.partition("\n")
        name, lang, *_ = (piece.strip() for piece in head.split("|"))
        text, spans = parse(body.strip("\n"))
        found.append(Text(name, lang, text, spans))
    return found


def theirs(file: Path) -> list[Text]:
    """Read a corpus in the JSON form [{"id", "text", "spans": [{"start", "end", "category"}]}]."""
    lang = "es" if file.stem.endswith("_es") else "en"
    return [
        Text(
            str(case["id"]),
            lang,
            case["text"],
            tuple(
                Span(s["start"], s["end"], OTHERS[s["category"]])
                for s in case["spans"]
                if s["category"] in OTHERS
            ),
        )
        for case in json.loads(file.read_text("utf-8"))
    ]
