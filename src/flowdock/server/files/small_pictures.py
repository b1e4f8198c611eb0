"""Small pictures for emoji, drawn anew: whatever came with one, or was hidden in it, is left behind.

The bytes come from strangers, see `pictures.py`. Moving pictures stay GIFs, everything else becomes PNG.
"""

import logging
from dataclasses import dataclass
from io import BytesIO
from typing import IO

from PIL import (
    Image,
    ImageOps,
    ImageSequence,
    UnidentifiedImageError,
    WebPImagePlugin,  # noqa: F401 - registers its format
)

BOX = 128
"""Pixels: width and height are at most this; what is larger is made smaller."""

_FORMATS = ("PNG", "GIF", "JPEG", "WEBP")
_PIXELS_LIMIT = 4_000_000
"""Of all frames together: more is an attempt to fill the memory."""
_FRAMES_LIMIT = 200

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SmallPicture:
    """A picture as it is kept."""

    body: bytes
    content_type: str


def redrawn(file: IO[bytes]) -> SmallPicture | None:
    """The picture in an open file; None for anything else, broken pictures and those of absurd size included."""
    try:
        with Image.open(file, formats=_FORMATS) as image:
            frames = getattr(image, "n_frames", 1)
            if frames > _FRAMES_LIMIT or not 0 < image.width * image.height * frames <= _PIXELS_LIMIT:
                return None
            return _moving(image) if image.format == "GIF" and frames > 1 else _still(image)
    except UnidentifiedImageError:
        return None
    except Exception as error:  # noqa: BLE001 - decoders fail in every way there is when fed with what is no picture
        _log.info("a file looked like a picture, but is none: %r", error)
        return None


def _still(image: Image.Image) -> SmallPicture:
    small = ImageOps.exif_transpose(image).convert("RGBA")
    small.thumbnail((BOX, BOX))
    return SmallPicture(_clean(small, "PNG"), "image/png")


def _moving(image: Image.Image) -> SmallPicture:
    frames, durations = [], []
    for frame in ImageSequence.Iterator(image):
        small = frame.convert("RGBA")
        small.thumbnail((BOX, BOX))
        frames.append(small)
        durations.append(int(frame.info.get("duration", 100)))
    body = BytesIO()
    frames[0].save(body, "GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0, disposal=2)
    return SmallPicture(body.getvalue(), "image/gif")


def _clean(image: Image.Image, format: str) -> bytes:
    """The picture alone: new pixels have neither comments nor profiles nor places with them."""
    fresh = Image.new(image.mode, image.size)
    fresh.paste(image)
    body = BytesIO()
    fresh.save(body, format)
    return body.getvalue()
