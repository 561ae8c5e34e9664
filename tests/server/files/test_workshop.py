"""Pages are drawn anew in a process with limits: nothing but pixels comes out, and it always ends."""

import io

import pytest
from PIL import Image, ImageCms
from PIL.ExifTags import GPS, IFD, Base

from server.files.sniff import Kind, Refused
from server.files.workshop import Limits, Picture, WorkerFailed, Workshop
from tests.factories import files

MB = 1024 * 1024
CANARY = b"canary-Quintana"


def opened(one: Picture) -> Image.Image:
    image = Image.open(io.BytesIO(one.data))
    assert image.format == "JPEG"
    assert image.size == (one.width, one.height)
    return image.convert("RGB")


async def refusal(kind: Kind, data: bytes) -> str:
    with pytest.raises(Refused) as caught:
        await Workshop().prepare(kind, data)
    return caught.value.code


def a_photograph() -> bytes:
    """A JPEG that says where, when, with what and by whom it was taken."""
    exif = Image.Exif()
    exif[Base.Artist] = CANARY.decode()
    exif[Base.Make] = "canary-camera"
    exif[Base.Orientation] = 6
    exif.get_ifd(IFD.GPSInfo)[GPS.GPSLatitudeRef] = "N"
    exif.get_ifd(IFD.GPSInfo)[GPS.GPSLatitude] = (35.0, 41.0, 13.0)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return files.a_jpeg(
        exif=exif, comment=CANARY, icc_profile=profile, xmp=b"<x>" + CANARY + b"</x>"
    )


async def test_a_photograph_keeps_its_pixels_and_nothing_else() -> None:
    brought = a_photograph()
    assert brought.count(CANARY) == 3
    assert b"GPS" in brought or b"Exif" in brought
    (one,) = await Workshop().prepare(Kind.JPEG, brought)
    for inside in (CANARY, b"canary-camera", b"Exif", b"ICC_PROFILE", b"http://ns.adobe", b"<x>"):
        assert inside not in one.data
    image = Image.open(io.BytesIO(one.data))
    assert dict(image.getexif()) == {}
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    # It lay on its side, and stands upright without being told.
    assert image.size == (420, 900)


async def test_what_stands_in_the_chunks_of_a_png_stays_behind() -> None:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Comment", CANARY.decode())
    info.add_itxt("XML:com.adobe.xmp", CANARY.decode(), zip=True)
    brought = files.saved(files.picture(), pnginfo=info) + CANARY
    assert CANARY in brought
    (one,) = await Workshop().prepare(Kind.PNG, brought)
    assert CANARY not in one.data


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
async def test_every_kind_of_png_becomes_a_page(mode: str) -> None:
    image = files.picture(mode="L") if mode.startswith("I") else files.picture(mode=mode)
    if mode.startswith("I"):
        image = image.point(lambda v: v * 257, "I").convert(mode)
    (one,) = await Workshop().prepare(Kind.PNG, files.saved(image))
    page = opened(one)
    assert page.size == (900, 420)
    assert page.getpixel((5, 5)) >= (250, 250, 250)
    assert page.convert("L").getextrema()[0] < 60


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
async def test_every_kind_of_jpeg_becomes_a_page(mode: str) -> None:
    brought = files.saved(files.picture(mode=mode), "JPEG")
    page = opened((await Workshop().prepare(Kind.JPEG, brought))[0])
    assert page.getpixel((5, 5)) >= (250, 250, 250)
    assert page.convert("L").getextrema()[0] < 60


async def test_what_is_transparent_is_white() -> None:
    clear = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    page = opened((await Workshop().prepare(Kind.PNG, files.saved(clear)))[0])
    assert page.getpixel((32, 32)) == (255, 255, 255)


async def test_of_several_pictures_in_a_jpeg_the_first_is_taken() -> None:
    second = Image.new("RGB", (900, 420), "red")
    brought = files.saved(files.picture(), "MPO", save_all=True, append_images=[second])
    pages = await Workshop().prepare(Kind.JPEG, brought)
    assert [(p.width, p.height) for p in pages] == [(900, 420)]
    assert opened(pages[0]).getpixel((5, 5)) >= (250, 250, 250)


async def test_a_large_picture_is_made_smaller() -> None:
    brought = files.saved(Image.new("RGB", (6000, 3000), "white"), "JPEG")
    (one,) = await Workshop().prepare(Kind.JPEG, brought)
    assert (one.width, one.height) == (2200, 1100)


async def test_a_pdf_becomes_pictures_page_by_page() -> None:
    pages = await Workshop().prepare(Kind.PDF, files.a_pdf(3))
    assert [max(p.width, p.height) for p in pages] == [2200] * 3
    assert all(opened(p).convert("L").getextrema()[0] < 60 for p in pages)


async def test_scripts_and_files_in_a_pdf_stay_behind() -> None:
    brought = files.scripted_pdf()
    assert b"canary1" in brought
    (one,) = await Workshop().prepare(Kind.PDF, brought)
    for inside in (b"canary1", b"JavaScript", b"app.alert", b"x.exe", b"%PDF"):
        assert inside not in one.data
    assert opened(one).convert("L").getextrema()[0] < 60  # what it says is on the page


@pytest.mark.parametrize(
    ("kind", "data", "code"),
    [
        (Kind.PDF, files.locked_pdf(), "file.locked"),
        (Kind.PDF, files.a_pdf(11, ("x",)), "file.too_many_pages"),
        (Kind.PDF, b"%PDF-1.7\nnothing", "file.unreadable"),
        (Kind.PDF, files.objects_pdf(b"<< /Type /Catalog >>"), "file.unreadable"),
        (Kind.PNG, files.png_of_size(50_000, 50_000), "file.too_many_pixels"),
        (Kind.PNG, files.png_of_size(400, 400), "file.unreadable"),
        (Kind.PNG, files.a_png()[:-300], "file.unreadable"),
        (Kind.PNG, files.a_jpeg(), "file.unreadable"),
        (Kind.JPEG, files.a_jpeg()[:2000], "file.unreadable"),
        (Kind.JPEG, files.saved(files.picture(), "GIF"), "file.unreadable"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_cannot_be_a_page_is_refused(kind: Kind, data: bytes, code: str) -> None:
    assert await refusal(kind, data) == code


async def test_a_bomb_of_zeros_ends_within_its_limits() -> None:
    """A quarter of a gigabyte of zeros in 260 kilobytes: more rows than the header says are never read."""
    import zlib

    squeeze = zlib.compressobj(9)
    zeros = bytes(16 * MB)
    rows = b"".join(squeeze.compress(zeros) for _ in range(16)) + squeeze.flush()
    assert len(rows) < MB
    head = files.png_of_size(64, 64)
    bomb = head[:33] + files.png_chunk(b"IDAT", rows) + files.png_chunk(b"IEND", b"")
    pages = await Workshop().prepare(Kind.PNG, bomb)
    assert [(p.width, p.height) for p in pages] == [(64, 64)]


async def test_a_process_without_room_or_time_says_so() -> None:
    brought = files.saved(Image.new("RGB", (7000, 7000), "white"))
    cramped = Workshop(opening=Limits(120 * MB, 30, 45.0))
    with pytest.raises(Refused) as caught:
        await cramped.prepare(Kind.PNG, brought)
    assert caught.value.code == "file.too_heavy"
    late = Workshop(opening=Limits(1500 * MB, 30, 0.01), reading=Limits(4096 * MB, 1, 0.01))
    with pytest.raises(Refused) as caught:
        await late.prepare(Kind.PNG, files.a_png())
    assert caught.value.code == "file.too_heavy"
    with pytest.raises(WorkerFailed):
        await late.read(files.a_jpeg())
    # The next job has a process of its own and is not disturbed.
    assert len(await Workshop().prepare(Kind.PNG, files.a_png())) == 1


async def test_black_is_black_in_whole_blocks_and_nothing_else_is_touched() -> None:
    (one,) = await Workshop().prepare(Kind.PNG, files.a_png())
    made = await Workshop().blacken(one.data, [(37, 35, 600, 60)])
    before, after = opened(one), opened(made)
    assert after.size == before.size
    box = after.crop((32, 32, 640, 96))
    assert max(high for _, high in box.getextrema()) < 12
    # A line further down reads as it did, but for the noise of the format.
    rest, was = after.crop((0, 120, 900, 420)), before.crop((0, 120, 900, 420))
    assert all(
        abs(a - b) < 40
        for a, b in zip(rest.convert("L").tobytes(), was.convert("L").tobytes(), strict=True)
    )


async def test_the_reader_finds_what_stands_on_a_page_and_where() -> None:
    (one,) = await Workshop().prepare(Kind.PNG, files.a_png())
    lines = await Workshop().read(one.data)
    joined = ["".join(line.text.split()) for line in lines]
    assert joined == ["Patient:RosalindQuintana", "Phone505-555-0143", "Sodium138mmol/L"]
    tops = [line.box[1] for line in lines]
    assert tops == sorted(tops)
    for line in lines:
        x, y, width, height = line.box
        assert 0 <= x < x + width <= one.width
        assert 0 <= y < y + height <= one.height
