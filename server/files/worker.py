"""Opens files that nobody has looked at: a program of its own, with limits, that ends after one job.

Started by `workshop.py`, never imported by the server: this is the only file that knows decoders.
It reads a JSON line and then the file from standard input, and writes a JSON line and then the
pictures to standard output. It knows no settings, no database and no other file of the house.
"""

import io
import json
import math
import resource
import struct
import sys
from collections.abc import Callable
from typing import Any

LONG_SIDE = 2200
"""Pixels of the long side of a re-issued page: A4 at 190 dots an inch."""
QUALITY = 85
BLOCK = 16
"""Pixels: JPEG works in blocks, and what is blacked out is blacked out with its whole blocks."""


class Refusal(Exception):
    """The file is not taken; the text is the code."""


def limit(memory: int, seconds: int) -> None:
    """Bound this process: address space in bytes, processor time in seconds, no files written."""
    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        try:
            resource.setrlimit(kind, (most, most))
        except (ValueError, OSError):
            continue  # macOS knows some of these by name only


def issued(image: Any) -> bytes:
    """Return the picture as a plain JPEG: pixels, and nothing else that the original held."""
    from PIL import Image  # noqa: PLC0415 -- only the worker knows decoders, and only when asked

    picture = image
    if picture.mode.startswith(("I", "F")):
        low, high = picture.getextrema()
        span = (high - low) or 1
        picture = picture.point(lambda v: (v - low) * (255.0 / span)).convert("L")
    if picture.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        ground = Image.new("RGB", picture.size, "white")
        ground.paste(picture, mask=picture.getchannel("A"))
        picture = ground
    picture = picture.convert("RGB")
    picture.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS)
    # A new image of nothing but pixels: EXIF, comments, profiles and thumbnails stay behind.
    bare = Image.new("RGB", picture.size)
    bare.paste(picture)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=QUALITY, subsampling=0)
    return out.getvalue()


def open_picture(data: bytes, head: dict[str, Any]) -> Any:
    """Open an image of the one format it is said to be, its size checked before its pixels."""
    from PIL import Image  # noqa: PLC0415 -- as above

    Image.MAX_IMAGE_PIXELS = head["pixels"]
    wanted = ("JPEG", "MPO") if head["kind"] == "jpeg" else ("PNG",)
    image = Image.open(io.BytesIO(data), formats=wanted)
    if image.width * image.height > head["pixels"]:
        raise Refusal("file.too_many_pixels")
    if head["kind"] == "png" and getattr(image, "n_frames", 1) > 1:
        raise Refusal("file.animated")
    return image


def pages_of_picture(data: bytes, head: dict[str, Any]) -> list[bytes]:
    """Return the picture re-issued; the first one where a camera has put several into a file."""
    from PIL import ImageOps  # noqa: PLC0415 -- as above

    image = open_picture(data, head)
    if head["kind"] == "jpeg":
        # A large photograph is decoded at a fraction of its size.
        image.draft(None, (LONG_SIDE, LONG_SIDE))
    image.load()
    return [issued(ImageOps.exif_transpose(image))]


def pages_of_pdf(data: bytes, head: dict[str, Any]) -> list[bytes]:
    """Return every page as a picture; scripts, links and embedded files stay behind."""
    import pypdfium2 as pdfium  # type: ignore[import-untyped]  # noqa: PLC0415 -- as above

    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        locked = "password" in str(error).lower() or "security" in str(error).lower()
        raise Refusal("file.locked" if locked else "file.unreadable") from error
    if len(document) > head["pages"]:
        raise Refusal("file.too_many_pages")
    if len(document) == 0:
        raise Refusal("file.unreadable")
    document.init_forms()  # what was typed into a form is part of the page
    out = []
    for number in range(len(document)):
        page = document[number]
        width, height = page.get_size()
        if not (math.isfinite(width) and math.isfinite(height) and min(width, height) > 0):
            raise Refusal("file.unreadable")
        scale = LONG_SIDE / max(width, height)
        bitmap = page.render(scale=scale, may_draw_forms=True, rev_byteorder=True)
        out.append(issued(bitmap.to_pil()))
        bitmap.close()
        page.close()
    return out


def prepare(data: bytes, head: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """Return the pages of a file as plain pictures."""
    pages = (pages_of_pdf if head["kind"] == "pdf" else pages_of_picture)(data, head)
    return {"sizes": [size_of(page) for page in pages]}, pages


def size_of(page: bytes) -> list[int]:
    """Return [width, height] of a picture that we made."""
    from PIL import Image  # noqa: PLC0415 -- as above

    return list(Image.open(io.BytesIO(page), formats=("JPEG",)).size)


def blacken(data: bytes, head: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """Return a page with rectangles [x, y, width, height] (pixels) black for good."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 -- as above

    image = Image.open(io.BytesIO(data), formats=("JPEG",)).convert("RGB")
    draw = ImageDraw.Draw(image)
    for x, y, width, height in head["boxes"]:
        left, top = (v // BLOCK * BLOCK for v in (x, y))
        right, bottom = (-(-v // BLOCK) * BLOCK for v in (x + width, y + height))
        draw.rectangle((left, top, right - 1, bottom - 1), fill="black")
    page = issued(image)
    return {"sizes": [size_of(page)]}, [page]


def read(data: bytes, head: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """Return the lines of text on a page, each with its box in pixels, in reading order."""
    import numpy as np  # noqa: PLC0415 -- as above
    from PIL import Image  # noqa: PLC0415 -- as above
    from rapidocr_onnxruntime import (  # type: ignore[import-untyped]  # noqa: PLC0415
        RapidOCR,
    )

    image = Image.open(io.BytesIO(data), formats=("JPEG",)).convert("RGB")
    reader = RapidOCR(intra_op_num_threads=head["threads"], inter_op_num_threads=1)
    found, _ = reader(np.asarray(image)[:, :, ::-1].copy())
    lines = []
    for corners, text, _score in found or ():
        xs, ys = [c[0] for c in corners], [c[1] for c in corners]
        left, top = max(0, math.floor(min(xs))), max(0, math.floor(min(ys)))
        right = min(image.width, math.ceil(max(xs)))
        bottom = min(image.height, math.ceil(max(ys)))
        if right > left and bottom > top:
            lines.append({"text": text, "box": [left, top, right - left, bottom - top]})
    return {"lines": lines}, []


JOBS: dict[str, Callable[[bytes, dict[str, Any]], tuple[dict[str, Any], list[bytes]]]] = {
    "prepare": prepare,
    "blacken": blacken,
    "read": read,
}


def main() -> None:
    """Do one job."""
    head = json.loads(sys.stdin.buffer.readline())
    limit(head["memory"], head["seconds"])
    data = sys.stdin.buffer.read()
    blobs: list[bytes] = []
    try:
        answer, blobs = JOBS[head["job"]](data, head)
    except Refusal as refusal:
        answer = {"refused": str(refusal)}
    except MemoryError:
        answer = {"refused": "file.too_heavy"}
    except Exception as error:  # noqa: BLE001 -- a decoder may raise anything; its words stay here
        bomb = type(error).__name__.startswith("DecompressionBomb")
        answer = {"refused": "file.too_many_pixels" if bomb else "file.unreadable"}
    out = sys.stdout.buffer
    out.write(json.dumps(answer).encode() + b"\n")
    for blob in blobs:
        out.write(struct.pack(">I", len(blob)) + blob)
    out.flush()


if __name__ == "__main__":
    main()
