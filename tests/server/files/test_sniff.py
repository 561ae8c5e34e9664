"""What a file is, by its first bytes and its name: honest ones pass, every trick has its refusal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.files.sniff import LONGEST_SIDE, MOST_PIXELS, Kind, Refused, ensure_size, sniff
from tests.factories import files


def code(name: str, data: bytes) -> str:
    """Return `pdf`, `png`, `jpeg`, or the code of the refusal."""
    try:
        return sniff(name, data).value
    except Refused as refused:
        return refused.code


HEIC = b"\x00\x00\x00\x18ftypheic" + bytes(64)


@pytest.mark.parametrize(
    ("name", "data", "outcome"),
    [
        ("a.png", files.a_png(), "png"),
        ("A.PNG", files.a_png(), "png"),
        ("a.jpg", files.a_jpeg(), "jpeg"),
        ("a.b.JPEG", files.a_jpeg(progressive=True), "jpeg"),
        ("a.pdf", files.a_pdf(), "pdf"),
        ("a.png", b"", "file.empty"),
        ("scan.dcm", files.a_dicom(), "file.dicom"),
        ("scan.png", files.a_dicom(), "file.dicom"),
        ("scan.dcm", files.a_png(), "file.dicom"),
        ("IMG_1.HEIC", HEIC, "file.heic"),
        ("IMG_1.jpg", HEIC, "file.heic"),
        ("a.gif", files.saved(files.picture(), "GIF"), "file.kind"),
        ("a.tiff", files.saved(files.picture(), "TIFF"), "file.kind"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "file.kind"),
        ("a.png", b"<html><script>alert(1)</script>" + files.a_png(), "file.kind"),
        ("a.zip", files.a_zip(), "file.kind"),
        ("a.pdf", b"GIF89a" + files.a_pdf(), "file.kind"),
        ("a.pdf", files.a_png(), "file.extension"),
        ("a", files.a_png(), "file.extension"),
        ("a.png.exe", files.a_png(), "file.extension"),
        ("a.pdf", files.a_pdf() + files.a_zip(), "file.two_in_one"),
        ("a.jpg", files.a_jpeg() + files.a_zip(), "file.two_in_one"),
        ("a.png", files.a_png() + files.a_zip(), "file.two_in_one"),
        ("a.png", files.a_png() + b"<script >alert(1)</script>", "file.two_in_one"),
        ("a.jpg", files.a_jpeg(comment=b"<!DOCTYPE html>"), "file.two_in_one"),
        ("a.png", files.png_of_size(50_000, 50_000), "file.too_many_pixels"),
        ("a.png", files.png_of_size(8_000, 7_000), "file.too_many_pixels"),
        ("a.png", files.png_of_size(0, 7), "file.unreadable"),
        ("a.png", files.a_png()[:20], "file.unreadable"),
        ("a.jpg", files.a_jpeg()[:30], "file.unreadable"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_it_is(name: str, data: bytes, outcome: str) -> None:
    assert code(name, data) == outcome


def test_a_picture_that_moves_is_refused() -> None:
    frames = [files.picture((str(n),)) for n in range(3)]
    moving = files.saved(frames[0], "PNG", save_all=True, append_images=frames[1:])
    assert code("a.png", moving) == "file.animated"


def test_what_a_telephone_writes_behind_its_picture_is_no_trick() -> None:
    assert code("a.jpg", files.a_jpeg() + b"\x00\x00\x00\x18ftypmp42" + bytes(2000)) == "jpeg"


def test_text_in_a_pdf_that_looks_like_markup_is_no_trick() -> None:
    assert code("a.pdf", files.a_pdf() + b"\n% <html>\n") == "pdf"


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_no_picture_over_the_limits_passes(width: int, height: int) -> None:
    if max(width, height) <= LONGEST_SIDE and width * height <= MOST_PIXELS:
        ensure_size(width, height)
        return
    with pytest.raises(Refused) as refused:
        ensure_size(width, height)
    assert refused.value.code == "file.too_many_pixels"


MAGIC = st.sampled_from(
    [b"", b"%PDF-1.7", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"\xff\xd8\xff"]
)


@given(MAGIC, st.binary(max_size=300), st.sampled_from(["a.pdf", "a.png", "a.jpg", "", "."]))
def test_any_bytes_are_known_or_refused(magic: bytes, rest: bytes, name: str) -> None:
    said = code(name, magic + rest)
    assert said in set(Kind) or said.startswith("file.")
