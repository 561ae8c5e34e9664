"""How a programme sets up its case form: modules, questions left out, questions of its own; pure.

A setup is kept with a number. Every frozen case keeps the number of its form, so an old case shows
the questions it was asked. Keys of questions are never used again for something else.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cases.rules.fields import Kind, Module

OWN_KINDS: Final = (Kind.CHOICE, Kind.CHOICES, Kind.WHOLE, Kind.LINE, Kind.TEXT)
"""The kinds of answer an own question may ask for."""

MOST_OWN: Final = 12
"""Own questions a programme may add: the form has to stay a ten-minute one."""
MOST_OPTIONS: Final = 20
LONGEST_LABEL: Final = 200
LONGEST_OPTION: Final = 80

CUT_OFFS: Final = (4, 3)
PROFILES: Final = ("A", "B")

_KEY: Final = re.compile(r"own_[0-9]{1,4}")


@dataclass(frozen=True, slots=True)
class OwnQuestion:
    """A question the programme adds. `options` are the answers of a choice, in order.

    `key` is `own_<n>`; n counts up and is never used twice in a programme, so that an answer keeps
    its question for ever. Stored answers of a choice are the numbers of their options.
    """

    key: str
    kind: Kind
    label: str
    help: str = ""
    options: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class FormSetup:
    """One programme's choices. `off` are keys of questions that are left out.

    `minors`: people under 18 may be presented, with a second reviewer. `pc_ptsd5_cut_off` and
    `monitoring` are the programme's choices of domain.md §5.1 and §5.2.
    """

    modules: tuple[Module, ...] = (Module.BH,)
    off: frozenset[str] = frozenset()
    own: tuple[OwnQuestion, ...] = ()
    minors: bool = False
    attachments: bool = False
    pc_ptsd5_cut_off: int = 4
    monitoring: str = "A"
    next_own: int = field(default=1)
    """The number that the next own question gets."""

    def as_json(self) -> dict[str, Any]:
        """Return what is stored."""
        return {
            "modules": [module.value for module in self.modules],
            "off": sorted(self.off),
            "own": [
                {
                    "key": own.key,
                    "kind": own.kind.value,
                    "label": own.label,
                    "help": own.help,
                    "options": list(own.options),
                    "required": own.required,
                }
                for own in self.own
            ],
            "minors": self.minors,
            "attachments": self.attachments,
            "pc_ptsd5_cut_off": self.pc_ptsd5_cut_off,
            "monitoring": self.monitoring,
            "next_own": self.next_own,
        }


def restore(stored: Mapping[str, Any]) -> FormSetup:
    """Return a stored setup; the inverse of `as_json`."""
    return FormSetup(
        modules=tuple(Module(key) for key in stored["modules"]),
        off=frozenset(stored["off"]),
        own=tuple(
            OwnQuestion(
                own["key"],
                Kind(own["kind"]),
                own["label"],
                own["help"],
                tuple(own["options"]),
                own["required"],
            )
            for own in stored["own"]
        ),
        minors=stored["minors"],
        attachments=stored["attachments"],
        pc_ptsd5_cut_off=stored["pc_ptsd5_cut_off"],
        monitoring=stored["monitoring"],
        next_own=stored["next_own"],
    )


def is_own(key: str) -> bool:
    """Say whether a key is that of an own question of some programme."""
    return _KEY.fullmatch(key) is not None
