"""Photos by residents: read as pixels, written anew, so that nothing but the picture remains.

A picture that was sent is never stored itself. Pillow decodes it (JPEG, PNG or WEBP, nothing else)
and two new WEBP files are made: without EXIF and place of the camera, and without whatever was
hidden before or after the picture (a page, a script, an archive).
"""

import re
import warnings
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, Storage
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.db.models.fields.files import ImageFieldFile
from django.http import FileResponse, Http404
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

MAX_BYTES = 8 * 1024 * 1024
MAX_PIXELS = 40_000_000  # 40 megapixels: more than telephones make, and 120 MB of memory at most
MAX_SIDE = 1600
SMALL_SIDE = 480
FORMATS = ("JPEG", "PNG", "WEBP")
QUALITY = 80
# What a file that is a picture and something else at once would carry: a page, a script, a document.
# Each is long enough not to turn up by chance in 8 MB of pixels.
SMUGGLED = re.compile(rb"<script|<html[\s>]|<svg[\s>]|<!doctype|<\?php", re.IGNORECASE)

TOO_HEAVY = _("This image is too big. Choose an image of at most 8 MB.")
MORE_THAN_AN_IMAGE = _("This file holds more than an image. Save the image again, and send the new file.")
TOO_LARGE = _("This image has too many pixels. Choose a smaller image.")
NOT_AN_IMAGE = _("We cannot read this image. Choose a JPEG, PNG or WEBP image.")


@deconstructible
class ResidentFiles(FileSystemStorage):
    """Files by residents in `settings.UPLOADS_ROOT`: outside MEDIA_ROOT, because no web server may serve them.

    A view does, and asks first whether what they belong to is public.
    """

    @property
    def base_location(self) -> str:
        return str(settings.UPLOADS_ROOT)

    @property
    def location(self) -> str:
        return str(Path(settings.UPLOADS_ROOT).resolve())


class StoredPhoto(models.ImageField):
    """The model field of a photo. Migrations see Django's own field: where files lie is no matter of the database."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs = {"upload_to": upload_name, "storage": ResidentFiles(), "max_length": 200, "blank": True, **kwargs}
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        kwargs.pop("storage", None)
        return name, "django.db.models.ImageField", args, {**kwargs, "upload_to": ""}


@dataclass(frozen=True)
class Photo:
    """A picture made anew: `full` (at most 1600 pixels a side) and `small` (at most 480), both WEBP."""

    full: bytes
    small: bytes


class PhotoField(forms.FileField):
    """A file field whose cleaned value is a `Photo`, or None without a file."""

    widget = forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"})

    def clean(self, data: Any, initial: Any = None) -> Any:
        upload = super().clean(data, initial)
        return read_photo(upload) if isinstance(upload, UploadedFile) else None


def read_photo(upload: File) -> Photo:
    """Makes a photo of an upload; `ValidationError` says in plain words why it cannot."""
    if (upload.size or 0) > MAX_BYTES:
        raise ValidationError(TOO_HEAVY, code="too_heavy")
    upload.seek(0)
    data = upload.read()
    picture = _decode(data)
    if SMUGGLED.search(data) or b"%PDF-" in data[:1024] or zipfile.is_zipfile(BytesIO(data)):
        raise ValidationError(MORE_THAN_AN_IMAGE, code="more_than_an_image")
    return Photo(full=_encode(picture, MAX_SIDE), small=_encode(picture, SMALL_SIDE))


def upload_name(instance: Any, filename: str) -> str:
    """A name that says nothing about the file's own name and that nobody can guess."""
    return f"{instance._meta.model_name}/{uuid4().hex}.webp"


def store_photo(target: ImageFieldFile, photo: Photo) -> None:
    """Writes both files; the caller saves the row (and forgets the old files with `forget_photo` after commit)."""
    target.save("photo.webp", ContentFile(photo.full), save=False)
    target.storage.save(small_name(str(target.name)), ContentFile(photo.small))


def read_stored(source: ImageFieldFile) -> Photo | None:
    """A photo that was stored before, for a copy of its own; None when there is none (any more)."""
    name = str(source.name or "")
    if not name or not source.storage.exists(name):
        return None
    with source.storage.open(name) as full, source.storage.open(small_name(name)) as small:
        return Photo(full.read(), small.read())


def own_copy(source: ImageFieldFile, mark: str) -> str:
    """The name of a copy of a stored photo that outlives it, "" without a photo. The same mark again gives the same copy."""
    if not source.name:
        return ""
    name = str(Path(str(source.name)).with_suffix(f".{mark}.webp"))
    if source.storage.exists(name):
        return name
    if (photo := read_stored(source)) is None:
        return ""
    source.storage.save(small_name(name), ContentFile(photo.small))
    return source.storage.save(name, ContentFile(photo.full))


def forget_photo(storage: Storage, name: str) -> None:
    """Removes both files of a photo. Safe to call twice."""
    if name:
        storage.delete(name)
        storage.delete(small_name(name))


def small_name(name: str) -> str:
    return str(Path(name).with_suffix(".small.webp"))


def photo_response(target: ImageFieldFile, *, small: bool, is_public: bool) -> FileResponse:
    """The photo itself, 404 when there is none. Only a public photo may stay in caches, for an hour:
    a moderator may hide it."""
    if not target:
        raise Http404
    name = small_name(str(target.name)) if small else str(target.name)
    if not target.storage.exists(name):
        raise Http404
    response = FileResponse(target.storage.open(name), content_type="image/webp")
    response["Cache-Control"] = "public, max-age=3600" if is_public else "private, no-store"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Content-Disposition"] = "inline"
    return response


def _decode(data: bytes) -> Image.Image:
    """The upright picture. The number of pixels is known from the header, before any pixel is unpacked."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # our own limit stands below Pillow's warning about bombs
            picture: Image.Image = Image.open(BytesIO(data), formats=FORMATS)
            if picture.width * picture.height > MAX_PIXELS:
                raise ValidationError(TOO_LARGE, code="too_large")
            picture.draft("RGB", (MAX_SIDE, MAX_SIDE))
            return ImageOps.exif_transpose(picture)
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        OSError,
        ValueError,
        SyntaxError,
        MemoryError,
    ) as problem:
        raise ValidationError(NOT_AN_IMAGE, code="not_an_image") from problem


def _encode(picture: Image.Image, side: int) -> bytes:
    """New pixels in a new file: a fresh image carries no metadata along."""
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    copy = picture.convert(mode)
    copy.thumbnail((side, side))
    clean = Image.new(mode, copy.size)
    clean.paste(copy)
    target = BytesIO()
    clean.save(target, "WEBP", quality=QUALITY)
    return target.getvalue()
