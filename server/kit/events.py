"""Domain events: frozen values with a name and a version that travel as JSON in the outbox."""

import json
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, Self


@dataclass(frozen=True, slots=True)
class Event:
    """Base of every domain event. Fields are strings, integers or None: ids, never content."""

    name: ClassVar[str]
    version: ClassVar[int] = 1

    def to_json(self) -> str:
        """Return the fields as a compact JSON object."""
        return json.dumps(asdict(self), separators=(",", ":"), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Rebuild an event; unknown keys of a newer version are ignored."""
        data: dict[str, Any] = json.loads(text)
        known = {f.name for f in fields(cls)}
        return cls(**{key: value for key, value in data.items() if key in known})
