"""Photos by residents: only the picture itself remains, and everything else is refused in plain words."""

import zipfile
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from PIL import Image

from pages import uploads
from pages.uploads import MAX_SIDE, SMALL_SIDE, read_photo
from tests.factories.proposals import make_image, make_upload

SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><html><body><script>alert(1)</script></body></html>"


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


def refusal(content: bytes, **names) -> str:
    with pytest.raises(ValidationError) as caught:
        read_photo(make_upload(content, **names))
    return caught.value.code


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_photo_of_an_allowed_kind_becomes_webp(kind):
    photo = read_photo(make_upload(make_image(kind)))

    assert (opened(photo.full).format, opened(photo.full).size) == ("WEBP", (60, 40))


def test_photo_is_made_smaller():
    photo = read_photo(make_upload(make_image(size=(3000, 1500))))

    assert opened(photo.full).size == (MAX_SIDE, MAX_SIDE // 2)
    assert opened(photo.small).size == (SMALL_SIDE, SMALL_SIDE // 2)


def test_photo_has_no_exif_and_no_place_but_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter
    exif[0x010F] = "Camera van Anna"
    exif.get_ifd(0x8825)[2] = (52.0, 3.0, 4.0)  # latitude of the camera
    sent = make_image(exif=exif.tobytes())
    assert b"Camera van Anna" in sent

    photo = read_photo(make_upload(sent))

    for data in (photo.full, photo.small):
        assert dict(opened(data).getexif()) == {}
        assert b"Camera van Anna" not in data
        assert b"EXIF" not in data
    assert opened(photo.full).size == (40, 60)


def test_photo_keeps_no_comment_or_profile():
    target = BytesIO()
    Image.new("RGB", (10, 10)).save(target, "PNG", pnginfo=_comment("geheim"), icc_profile=b"profiel van Anna")

    photo = read_photo(make_upload(target.getvalue()))

    assert b"geheim" not in photo.full
    assert b"profiel" not in photo.full


def _comment(text):
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Comment", text)
    return info


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (SVG, "plaatje.svg"),
        (SVG, "plaatje.png"),
        (HTML, "foto.jpg"),
        (b"", "leeg.jpg"),
        (b"GIF89a" + bytes(50), "a.gif"),
    ],
)
def test_what_is_no_picture_is_refused(content, name):
    assert refusal(content or b"x", name=name) == "not_an_image"


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "BMP"])
def test_other_kinds_of_picture_are_refused(kind):
    assert refusal(make_image(kind)) == "not_an_image"


def test_picture_that_is_a_page_too_is_refused():
    assert refusal(make_image() + HTML) == "more_than_an_image"


def test_picture_with_a_script_in_its_comment_is_refused():
    target = BytesIO()
    Image.new("RGB", (10, 10)).save(target, "JPEG", comment=b"<script>alert(1)</script>")
    assert refusal(target.getvalue()) == "more_than_an_image"


def test_picture_that_is_an_archive_too_is_refused():
    archive = BytesIO(make_image())
    with zipfile.ZipFile(archive, "a") as files:
        files.writestr("virus.js", "alert(1)")
    assert refusal(archive.getvalue()) == "more_than_an_image"


def test_ten_megabytes_are_refused():
    assert refusal(make_image() + bytes(10 * 1024 * 1024)) == "too_heavy"


def test_decompression_bomb_is_refused_before_it_is_unpacked(monkeypatch):
    """50 megapixels in 60 kB. Kills the mutant that looks at the size after loading."""
    bomb = make_image("PNG", size=(10_000, 5_000))
    assert len(bomb) < 200_000
    monkeypatch.setattr(Image.Image, "load", lambda _self: pytest.fail("the pixels were unpacked"))
    assert refusal(bomb) == "too_large"


def test_broken_picture_is_refused():
    assert refusal(make_image(size=(400, 400))[:900]) == "not_an_image"


def test_every_refusal_is_a_sentence():
    for sentence in (uploads.TOO_HEAVY, uploads.TOO_LARGE, uploads.NOT_AN_IMAGE, uploads.MORE_THAN_AN_IMAGE):
        assert str(sentence).endswith(".")
