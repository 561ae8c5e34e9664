"""Text folding and tokens shared by the identifier check and the library."""

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")


def N_(message: str) -> str:  # noqa: N802 -- gettext's own name, which the extractor looks for
    """Mark a message for translation; the page translates it."""
    return message


def fold(text: str) -> str:
    """Return `text` lower-cased without diacritics, for comparison only."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def tokens(text: str) -> list[str]:
    """Return the folded words of `text`, in order; punctuation separates them."""
    return _WORD.findall(fold(text))


def clean_line(text: str) -> str:
    """Return `text` on one line: control characters out, runs of white space to one blank."""
    visible = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(visible.split())


def clean_text(text: str) -> str:
    """Return `text` with Unix line ends and without control characters other than newline."""
    unix = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in unix if c in "\n\t" or c.isprintable()).strip()
