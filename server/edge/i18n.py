"""Translation: every visible string passes here; the language belongs to the request."""

import gettext as gettext_module
from contextvars import ContextVar
from pathlib import Path

LOCALES = Path(__file__).resolve().parent.parent / "locale"
DEFAULT = "en"
PSEUDO = "qps"
"""A made-up language for tests: every translated string is bracketed and accented."""

_ACCENTS = str.maketrans("aeiouAEIOUn", "àéîöûÀÉÎÖÛñ")


class PseudoTranslations(gettext_module.NullTranslations):
    """Marks what went through gettext, so that a test can see what did not."""

    def gettext(self, message: str) -> str:
        return _pseudo(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return _pseudo(msgid1 if n == 1 else msgid2)


def _pseudo(message: str) -> str:
    out = []
    inside = 0
    for index, character in enumerate(message):
        # Placeholders such as %(name)s and {name} must survive.
        if character == "{" or message[index : index + 2] == "%(":
            inside += 1
        out.append(character if inside else character.translate(_ACCENTS))
        if inside and (character == "}" or (character in "sd" and message[index - 1] == ")")):
            inside -= 1
    return f"⟦{''.join(out)}⟧"


_current: ContextVar[gettext_module.NullTranslations] = ContextVar("translations")
_language: ContextVar[str] = ContextVar("language", default=DEFAULT)
_loaded: dict[str, gettext_module.NullTranslations] = {}


def available() -> tuple[str, ...]:
    """Return the languages there are catalogues for; English needs none."""
    found = sorted(p.parent.parent.name for p in LOCALES.glob("*/LC_MESSAGES/caseround.mo"))
    return (DEFAULT, *found)


def load(language: str) -> gettext_module.NullTranslations:
    """Return the translations for `language`; unknown languages fall back to English."""
    if language not in _loaded:
        _loaded[language] = (
            PseudoTranslations()
            if language == PSEUDO
            else gettext_module.translation(
                "caseround", LOCALES, languages=[language], fallback=True
            )
        )
    return _loaded[language]


def use(language: str) -> None:
    """Speak `language` for the rest of this request's context."""
    _language.set(language)
    _current.set(load(language))


def language() -> str:
    """Return the language of this request."""
    return _language.get()


def gettext(message: str) -> str:
    """Translate `message` for the current request."""
    translations = _current.get(None)
    return message if translations is None else translations.gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """Translate a message that depends on a count."""
    translations = _current.get(None)
    if translations is None:
        return singular if count == 1 else plural
    return translations.ngettext(singular, plural, count)


def N_(message: str) -> str:  # noqa: N802 -- gettext's own convention for marking
    """Mark `message` for extraction; it is translated later, when it is shown."""
    return message
