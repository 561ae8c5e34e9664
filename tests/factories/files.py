"""Real files for tests: pictures and PDFs, honest ones and others, made here and nowhere stored."""

import io
import struct
import zipfile
import zlib
from collections.abc import Sequence
from typing import Any

import aiohttp
from PIL import Image, ImageDraw, ImageFont

LINES = ("Patient: Rosalind Quintana", "Phone 505-555-0143", "Sodium 138 mmol/L")


def picture(
    lines: Sequence[str] = LINES, size: tuple[int, int] = (900, 420), mode: str = "RGB"
) -> Image.Image:
    """Return a white picture with lines of text, one a hundred pixels apart."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(40)
    for number, line in enumerate(lines):
        draw.text((40, 40 + 110 * number), line, fill="black", font=font)
    return image.convert(mode)


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """Return an image as a file."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def a_png(lines: Sequence[str] = LINES) -> bytes:
    return saved(picture(lines))


def a_jpeg(**options: Any) -> bytes:
    return saved(picture(), "JPEG", **options)


def a_pdf(pages: int = 1, lines: Sequence[str] = LINES) -> bytes:
    """Return a PDF whose pages are pictures."""
    images = [picture(lines) for _ in range(pages)]
    return saved(images[0], "PDF", save_all=True, append_images=images[1:])


def objects_pdf(*objects: bytes, trailer: bytes = b"") -> bytes:
    """Return a PDF written by hand: objects 1, 2 … with 1 as its catalogue."""
    out = b"%PDF-1.7\n"
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\n" % (len(objects) + 1, trailer)
    return out + b"startxref\n%d\n%%%%EOF\n" % start


def scripted_pdf() -> bytes:
    """Return a PDF that runs a script when opened and carries a file inside."""
    content = b"BT /F1 24 Tf 40 100 Td (Sodium 138) Tj ET"
    return objects_pdf(
        b"<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>"
        b" /Names << /EmbeddedFiles << /Names [(x.exe) 6 0 R] >> >> >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 200] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Type /Filespec /F (x.exe) /EF << /F 7 0 R >> >>",
        b"<< /Type /EmbeddedFile /Length 9 >>\nstream\nMZcanary1\nendstream",
    )


def locked_pdf() -> bytes:
    """Return a PDF that asks for a password."""
    return objects_pdf(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 200] >>",
        b"<< /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >>" % (b"ab" * 32, b"cd" * 32),
        trailer=b"/Encrypt 4 0 R /ID [<00><00>]",
    )


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of_size(width: int, height: int, rows: bytes = b"") -> bytes:
    """Return a PNG whose header says a size, whatever follows."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = png_chunk(b"IHDR", head) + png_chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + body + png_chunk(b"IEND", b"")


def a_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("run.class", b"\xca\xfe\xba\xbe")
    return out.getvalue()


def a_dicom() -> bytes:
    return bytes(128) + b"DICM" + bytes(200)


def upload(
    csrf: str, data: bytes, name: str = "scan.png", *, shows: str = "lab", key: str = ""
) -> aiohttp.FormData:
    """Return the author's form as a browser sends it."""
    form = aiohttp.FormData()
    form.add_field("csrf", csrf)
    form.add_field("idempotency", key)
    form.add_field("shows", shows)
    form.add_field("file", data, filename=name, content_type="application/octet-stream")
    return form
