"""What a file shows, if it is a picture: its size, its true type, and a thumbnail.

The bytes come from strangers: only five formats are tried, only headers are read until the size is known to be
harmless, and whatever goes wrong means "not a picture".
"""

import logging
from dataclasses import dataclass
from io import BytesIO
from typing import IO

from PIL import (
    Image,
    ImageOps,
    UnidentifiedImageError,
    WebPImagePlugin,  # noqa: F401 - registers its format; Pillow would load all forty it knows to find it
)

THUMBNAIL_BOX = 100
"""Pixels: a thumbnail's width and height are at most this, and pictures within it have none."""

_PIXELS_LIMIT = 64_000_000
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP")
_TYPES = {
    "BMP": "image/bmp",
    "GIF": "image/gif",
    "JPEG": "image/jpeg",
    # A JPEG with more pictures behind the first, as telephones write it.
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
}
_ORIENTATION = 0x0112
_FIRST_TURNED = 5

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small copy; sizes in pixels."""

    body: bytes
    content_type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A file that is a picture; sizes in pixels, as a viewer shows it."""

    content_type: str
    width: int
    height: int
    thumbnail: Thumbnail | None


def look(file: IO[bytes]) -> Picture | None:
    """The picture in an open file; `None` for anything else, broken pictures and those of absurd size included."""
    try:
        with Image.open(file, formats=_FORMATS) as image:
            return _picture(image)
    except UnidentifiedImageError:
        return None
    except Exception as error:  # noqa: BLE001 - decoders fail in every way there is when fed with what is no picture
        _log.info("a file looked like a picture, but is none: %r", error)
        return None


def _picture(image: Image.Image) -> Picture | None:
    width, height = image.size
    if width * height > _PIXELS_LIMIT or not width or not height:
        return None
    if image.getexif().get(_ORIENTATION, 1) >= _FIRST_TURNED:
        width, height = height, width
    media_type = _TYPES[image.format or ""]
    small = max(width, height) <= THUMBNAIL_BOX
    return Picture(media_type, width, height, None if small else _thumbnail(image, media_type))


def _thumbnail(image: Image.Image, media_type: str) -> Thumbnail:
    as_jpeg = media_type == "image/jpeg"
    # A JPEG is decoded at an eighth of its size where that suffices.
    image.draft("RGB", (2 * THUMBNAIL_BOX, 2 * THUMBNAIL_BOX))
    copy = image.convert("RGB" if as_jpeg else "RGBA")
    copy.thumbnail((THUMBNAIL_BOX, THUMBNAIL_BOX))
    copy = ImageOps.exif_transpose(copy)
    body = BytesIO()
    if as_jpeg:
        copy.save(body, "JPEG", quality=80, exif=b"", icc_profile=None)
    else:
        copy.save(body, "PNG", exif=b"", icc_profile=None)
    return Thumbnail(body.getvalue(), "image/jpeg" if as_jpeg else "image/png", copy.width, copy.height)
