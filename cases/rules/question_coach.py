"""The question coach: is there one question that can be answered, and will the hub have to ask
for facts first? Pure; suggestions that never block (domain.md §4.2 `main_question`, §4.4).

The browser reads the same data (`browser_words`) and answers the same vectors
(tests/vectors/coach), so that it can speak while somebody types without a connection.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cases.instruments.base import N_
from cases.rules import question_coach_words as w
from cases.rules.phrases import plain
from cases.rules.question_coach_asks import ASKS, LABS, TEXTS, Ask

Typed = Mapping[str, str | Sequence[str]]
"""The form as typed, by the names of its inputs."""

GOOD: Final = N_("One question that can be answered.")
ADVICE: Final[Mapping[str, str]] = {
    "vague": N_(
        "Say what you want to decide: “Should we raise the dose or switch?” gets a better answer "
        "than “Any thoughts?”."
    ),
    "mark": N_("End it with a question mark, as you would ask a colleague."),
    "one": N_("This looks like two questions. Keep the one that matters most here."),
    "subject": N_("Name what it is about: the medicine, the diagnosis or the behaviour."),
    "decision": N_("Say which decision you face: start, stop, change, test, refer …"),
    "short": N_("Say a little more, so that the question can stand alone."),
    "long": N_("Shorter is easier to answer: the background can go into the story."),
}
"""What to do about a question, by code, the most helpful first."""

_CHAINED: Final = re.compile(w.CHAINED, re.IGNORECASE)
_VAGUE: Final = re.compile(w.VAGUE, re.IGNORECASE)
_DECISION: Final = re.compile(w.DECISION, re.IGNORECASE)
_SUBJECT: Final = re.compile(w.SUBJECT, re.IGNORECASE)
_WORD: Final = re.compile(r"\w+")
_MARK: Final = re.compile("[?？؟]")
_SHORTEST_NAME: Final = 4
"""Letters of a word of a diagnosis that is looked for in the question: not "the", "use"."""


def advice(question: str, about: Iterable[str] = ()) -> tuple[str, ...]:
    """Return what could be better in a question, as codes of ADVICE; nothing when it is good.

    `about` are the diagnoses and medicines of the case: naming one of them says what the question
    is about. An empty question gets no advice.
    """
    text = plain(question).strip()
    if not text:
        return ()
    vague = _VAGUE.search(text) is not None
    found = {
        "vague": vague,
        "mark": _MARK.search(text) is None,
        "one": _CHAINED.search(text) is not None,
        "subject": not (_SUBJECT.search(text) or _names(text, about)),
        # "Any thoughts?" was told already what a decision is.
        "decision": not vague and _DECISION.search(text) is None,
        "short": len(_WORD.findall(text)) < w.FEWEST_WORDS,
        "long": len(text) > w.LONGEST,
    }
    return tuple(code for code in ADVICE if found[code])


def _names(text: str, about: Iterable[str]) -> bool:
    said = {word.lower() for word in _WORD.findall(text)}
    return any(
        word.lower() in said
        for name in about
        for word in _WORD.findall(plain(name))
        if len(word) >= _SHORTEST_NAME
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """One fact the hub will ask for; `ticked` when the answers hold it, `field` where it goes."""

    key: str
    label: str
    field: str
    ticked: bool


def asks(typed: Typed, modules: Collection[str]) -> tuple[Asked, ...]:
    """Return what this kind of question makes the hub ask, each once, in the order of ASKS.

    `modules` are those of the programme's form (`bh`, `sud`, `hcv`, `smi`).
    """
    kinds = set(_values(typed, "question_types"))
    texts = "\n".join(plain(value) for key in TEXTS for value in _values(typed, key))
    return tuple(
        Asked(
            ask.key,
            ask.label,
            next(iter(ask.fields), "").partition(".")[0].partition("[")[0],
            any(_given(typed, path) for path in ask.fields) or _said(ask, texts),
        )
        for ask in ASKS
        if _applies(ask, kinds, modules)
    )


def _applies(ask: Ask, kinds: Collection[str], modules: Collection[str]) -> bool:
    """Say whether an ask is for one of these kinds of question, in one of these modules."""
    return (not ask.kinds or not set(ask.kinds).isdisjoint(kinds)) and (
        not ask.modules or not set(ask.modules).isdisjoint(modules)
    )


def _said(ask: Ask, texts: str) -> bool:
    return bool(ask.words) and re.search(rf"\b(?:{ask.words})\b", texts, re.IGNORECASE) is not None


def _values(typed: Typed, key: str) -> list[str]:
    value = typed.get(key, "")
    return [v for v in ([value] if isinstance(value, str) else value) if v.strip()]


def _given(typed: Typed, path: str) -> bool:
    """Say whether an input is answered; `*` stands for any row, `[code]` for a test's row."""
    key, bracket, code = path.rstrip("]").partition("[")
    if bracket:
        return any(
            _values(typed, f"{row}.{LABS.code}") == [code]
            and _values(typed, f"{row}.{LABS.value}")
            for row in {name.rpartition(".")[0] for name in typed if name.startswith(f"{key}.")}
        )
    if "*" not in path:
        return bool(_values(typed, path))
    before, _, after = path.partition("*")
    return any(
        name.startswith(before)
        and name.endswith(after)
        and name[len(before) : len(name) - len(after)].isdigit()
        and _values(typed, name)
        for name in typed
    )
