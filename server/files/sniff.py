"""Says what an uploaded file is, from its first bytes and its name, before any decoder sees it.

Pure and quick: it reads headers, allocates nothing, and refuses with a code that the page turns
into a sentence. What it lets through is still only a claim: the pages are decoded in a process of
their own and re-issued as plain pictures (security.md 43).
"""

import io
import re
import struct
import zipfile
from enum import StrEnum
from typing import Final

from server.kit.errors import Invalid

LARGEST: Final = 5 * 1024 * 1024
"""Bytes of one file (domain.md §4.2, `attachments`)."""
MOST_PIXELS: Final = 50_000_000
"""Pixels of one picture: the largest that telephones make; decoded at most 200 MB."""
LONGEST_SIDE: Final = 16_384
"""Pixels of a side; a 50,000 × 50,000 picture is refused by its header."""

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PDF: Final = b"%PDF-"
_EXTENSIONS: Final = {"pdf": "pdf", "png": "png", "jpg": "jpeg", "jpeg": "jpeg"}
_HEIF_BRANDS: Final = (b"heic", b"heix", b"mif1", b"msf1", b"heim", b"heis", b"hevc", b"avif")
_MARKUP: Final = re.compile(rb"<(?:!doctype|html|script|svg|\?php)[\s>/]", re.IGNORECASE)
_FRAME_HEADERS: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE_MARKERS: Final = frozenset({0x01, *range(0xD0, 0xD9)})


class Kind(StrEnum):
    """What may be attached."""

    PDF = "pdf"
    PNG = "png"
    JPEG = "jpeg"


class Refused(Invalid):
    """The file is not taken; `code` says why, in `file.*`."""

    default_code = "file.unreadable"


def sniff(name: str, data: bytes) -> Kind:
    """Return what the file is, by its bytes and its name.

    Raises Refused: `file.empty`, `file.dicom`, `file.heic`, `file.kind` (not one of ours),
    `file.extension` (bytes and name disagree), `file.two_in_one` (it is also another kind of
    file), `file.animated`, `file.too_many_pixels`, `file.unreadable`.
    """
    if not data:
        raise Refused("file.empty")
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if data[128:132] == b"DICM" or extension in ("dcm", "dicom"):
        raise Refused("file.dicom")
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS:
        raise Refused("file.heic")
    kind = _by_magic(data)
    if kind is None:
        raise Refused("file.kind")
    if _EXTENSIONS.get(extension) != kind.value:
        raise Refused("file.extension")
    _ensure_one_file(kind, data)
    if kind is Kind.PNG:
        ensure_size(*_png_size(data))
    elif kind is Kind.JPEG:
        ensure_size(*_jpeg_size(data))
    return kind


def ensure_size(width: int, height: int) -> None:
    """Raise Refused `file.too_many_pixels` for what would fill the memory."""
    if width < 1 or height < 1:
        raise Refused
    if max(width, height) > LONGEST_SIDE or width * height > MOST_PIXELS:
        raise Refused("file.too_many_pixels")


def _by_magic(data: bytes) -> Kind | None:
    if data.startswith(_PDF):
        return Kind.PDF
    if data.startswith(_PNG):
        return Kind.PNG
    return Kind.JPEG if data.startswith(b"\xff\xd8\xff") else None


def _ensure_one_file(kind: Kind, data: bytes) -> None:
    """Refuse what another program would read as another kind of file: ZIP, JAR, HTML.

    A PDF may hold text that looks like markup; a browser never asks, for its first bytes decide.
    """
    if zipfile.is_zipfile(io.BytesIO(data)):
        raise Refused("file.two_in_one")
    if kind is not Kind.PDF and _MARKUP.search(data):
        raise Refused("file.two_in_one")


def _png_size(data: bytes) -> tuple[int, int]:
    """Return width and height; refuses a picture that moves."""
    if len(data) < 33 or data[12:16] != b"IHDR":
        raise Refused
    width, height = struct.unpack(">II", data[16:24])
    position = 8
    while position + 12 <= len(data):
        (length,) = struct.unpack(">I", data[position : position + 4])
        chunk = data[position + 4 : position + 8]
        if chunk == b"acTL":
            raise Refused("file.animated")
        if chunk in (b"IDAT", b"IEND"):  # acTL stands before the first of them
            break
        position += 12 + length
    return width, height


def _jpeg_size(data: bytes) -> tuple[int, int]:
    """Return width and height as the frame header says."""
    position = 2
    while position + 4 <= len(data):
        if data[position] != 0xFF:
            raise Refused
        marker = data[position + 1]
        if marker == 0xFF:  # fill bytes
            position += 1
            continue
        if marker in _BARE_MARKERS:
            position += 2
            continue
        (length,) = struct.unpack(">H", data[position + 2 : position + 4])
        if length < 2:
            raise Refused
        if marker in _FRAME_HEADERS:
            if position + 9 > len(data):
                raise Refused
            height, width = struct.unpack(">HH", data[position + 5 : position + 9])
            return width, height
        position += 2 + length
    raise Refused
