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

_PIXELS_LIMIT = 80_000_000
"""What claims to be larger is no picture, but an attempt to fill the memory."""

_THUMBNAIL_PIXELS_LIMIT = 12_000_000
"""Larger pictures have no thumbnail: to decode one takes up to 16 bytes for each pixel."""

_THUMBNAIL_JPEG_PIXELS_LIMIT = 25_000_000
"""The same for JPEGs, which are decoded at an eighth of their size."""

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
    if not 0 < width * height <= _PIXELS_LIMIT:
        return None
    media_type = _TYPES[image.format or ""]
    thumbnail = _thumbnail(image, as_jpeg=media_type == "image/jpeg")
    # Asked without need, a PNG would be decoded in search of it.
    if "exif" in image.info and image.getexif().get(_ORIENTATION, 1) >= _FIRST_TURNED:
        width, height = height, width
    return Picture(media_type, width, height, thumbnail)


def _thumbnail(image: Image.Image, *, as_jpeg: bool) -> Thumbnail | None:
    width, height = image.size
    limit = _THUMBNAIL_JPEG_PIXELS_LIMIT if as_jpeg else _THUMBNAIL_PIXELS_LIMIT
    if max(width, height) <= THUMBNAIL_BOX or width * height > limit:
        return None
    image.draft("RGB", (2 * THUMBNAIL_BOX, 2 * THUMBNAIL_BOX))
    small = image if image.mode in ("L", "RGB", "RGBA") and "transparency" not in image.info else image.convert("RGBA")
    small.thumbnail((THUMBNAIL_BOX, THUMBNAIL_BOX))
    small = ImageOps.exif_transpose(small)
    body = BytesIO()
    if as_jpeg:
        small.convert("RGB").save(body, "JPEG", quality=80, exif=b"", icc_profile=None)
        return Thumbnail(body.getvalue(), "image/jpeg", small.width, small.height)
    small.save(body, "PNG", exif=b"", icc_profile=None)
    return Thumbnail(body.getvalue(), "image/png", small.width, small.height)
