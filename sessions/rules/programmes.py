"""What a programme must be: a short code, a name, a hub, a real zone."""

import re

from server.kit.errors import Invalid
from server.kit.text import clean_line, clean_text
from sessions.rules.models import Programme
from sessions.rules.recurrence import is_zone

NAME_MAX = 120
DESCRIPTION_MAX = 2000

_CODE = re.compile(r"[A-Z]{2,4}")


def clean_code(text: str) -> str:
    """Return a programme code as it is kept: capital letters, no blanks around."""
    return text.strip().upper()


def check(programme: Programme) -> Programme:
    """Return the programme with its texts cleaned, or raise Invalid with a key per wrong field."""
    wrong: dict[str, str] = {}
    name = clean_line(programme.name)
    if not _CODE.fullmatch(programme.code):
        wrong["code"] = "programme.code"
    if not name:
        wrong["name"] = "required"
    elif len(name) > NAME_MAX:
        wrong["name"] = "too_long"
    description = clean_text(programme.description)
    if len(description) > DESCRIPTION_MAX:
        wrong["description"] = "too_long"
    if not is_zone(programme.zone):
        wrong["zone"] = "series.zone"
    if wrong:
        raise Invalid("invalid", wrong)
    return Programme(
        id=programme.id,
        code=programme.code,
        name=name,
        description=description,
        hub=programme.hub,
        zone=programme.zone,
        template=programme.template,
        cases_first=programme.cases_first,
        learner_sees_case=programme.learner_sees_case,
        version=programme.version,
    )
