"""Emoji that are added, which takes looking at a picture; and their pictures, which everybody may see.

A picture's address is the digest of its bytes: whoever has it keeps it for ever, and it gives away nothing else.

Source: wire facts 2.5 (`image_url`), 2.7.
"""

from collections.abc import Callable, Mapping
from contextlib import closing
from functools import partial
from typing import Unpack

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from flowdock.protocol.parameters import AddEmojiParameters
from flowdock.server.actions import emoji
from flowdock.server.domain.refusals import Refusal, invalid
from flowdock.server.files import Upload, upload_from_json
from flowdock.server.http.answering import Asked, Service, refusal_of, refuse
from flowdock.server.http.files import HARMLESS
from flowdock.server.http.limits import Limits

BYTES_LIMIT = 256 * 1024


async def add_emoji(service: Service, asked: Asked, *, org: str, **given: Unpack[AddEmojiParameters]) -> dict[str, str]:
    """A new emoji of an organization's own, its picture drawn anew."""
    from flowdock.server.files import small_pictures  # noqa: PLC0415 - and with it Pillow, which few servers need

    name = given.get("id")
    await service.store.read(lambda tx: emoji.may_add(tx, asked.actor, org=org, name=name))
    with closing(await run_in_threadpool(_uploaded, given.get("image"), service.limits)) as upload:
        if upload.size_bytes > BYTES_LIMIT:
            raise invalid("image", f"has {upload.size_bytes} bytes; it may have {BYTES_LIMIT}")
        picture = await run_in_threadpool(small_pictures.redrawn, upload.file)
    if picture is None or len(picture.body) > BYTES_LIMIT:
        raise invalid("image", "is no PNG, GIF, JPEG or WebP, or one with too many pixels or frames")
    add = partial(
        emoji.add_emoji, actor=asked.actor, org=org, name=name, image=picture.body, content_type=picture.content_type
    )
    return await service.store.write(add)


def _uploaded(image: object, limits: Limits) -> Upload:
    if isinstance(image, Upload):
        return image
    if not isinstance(image, Mapping):
        raise invalid("image", "is not a file; send it as multipart, or as {data, content_type, file_name}")
    try:
        return upload_from_json(image, spool_folder=limits.spool_folder)
    except Refusal as refusal:
        problems = refusal.errors.get("content")
        raise (invalid("image", problems[0]) if problems else refusal) from refusal


class Picture:
    """The address of an emoji's picture."""

    def __init__(self, service: Callable[[], Service]) -> None:
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        digest = scope["path_params"]["digest"]
        try:
            body, content_type = await self._service().store.read(lambda tx: emoji.picture(tx, digest))
        except Exception as error:  # noqa: BLE001 - every failure gets its answer
            await refuse(scope, send, refusal_of(error), [])
            return
        headers = {**HARMLESS, "Cache-Control": "public, max-age=31536000, immutable", "ETag": f'"{digest}"'}
        if f'"{digest}"' in Request(scope).headers.get("if-none-match", ""):
            response = Response(status_code=304, headers=headers)
        else:
            response = Response(body, media_type=content_type, headers=headers)
        await response(scope, receive, send)


def routes(service: Callable[[], Service]) -> list[Route]:
    """The addresses of pictures."""
    return [Route("/emoji/{digest}", Picture(service), methods=["GET"])]
