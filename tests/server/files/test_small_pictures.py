from io import BytesIO
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from flowdock.server.files.small_pictures import BOX, redrawn


def picture(format: str, *, size: tuple[int, int] = (300, 200), frames: int = 1, **more: Any) -> BytesIO:
    body = BytesIO()
    drawn = [Image.new("RGB", size, (index * 20 % 256, 0, 0)) for index in range(frames)]
    several = {"save_all": True, "append_images": drawn[1:]} if frames > 1 else {}
    drawn[0].save(body, format, **several, **more)
    return BytesIO(body.getvalue())


@pytest.mark.parametrize("format", ["PNG", "GIF", "JPEG", "WEBP"])
def test_a_picture_becomes_a_small_png(format: str) -> None:
    small = redrawn(picture(format))
    assert small is not None
    assert small.content_type == "image/png"
    assert Image.open(BytesIO(small.body)).size == (BOX, 85)


def test_a_moving_picture_goes_on_moving() -> None:
    small = redrawn(picture("GIF", frames=3, duration=[50, 70, 90]))
    assert small is not None
    image = Image.open(BytesIO(small.body))
    assert (small.content_type, image.format, getattr(image, "n_frames", 1), image.width) == (
        "image/gif",
        "GIF",
        3,
        BOX,
    )


def test_what_came_with_a_picture_is_left_behind() -> None:
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", "<script>alert(1)</script>")
    small = redrawn(BytesIO(picture("PNG", pnginfo=words).read() + b"<script>alert(1)</script>"))
    assert small is not None
    assert b"script" not in small.body


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 100,
        picture("PNG").read()[:200],
        picture("BMP").read(),
        picture("PNG", size=(4001, 1000)).read(),
        picture("GIF", size=(10, 10), frames=201).read(),
    ],
    ids=["nothing", "svg", "broken", "cut", "bmp", "too large", "too long"],
)
def test_what_is_no_small_picture_is_none(body: bytes) -> None:
    assert redrawn(BytesIO(body)) is None
