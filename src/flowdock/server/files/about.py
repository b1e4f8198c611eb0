"""What is known of a kept file: what lies beside its body, what its message says, and how a bucket serves it.

Source: wire facts 3.2, "file".
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from flowdock.protocol.types import FileContent
from flowdock.server.files import names
from flowdock.server.files.signing import Address
from flowdock.server.files.uploads import Upload

if TYPE_CHECKING:
    from flowdock.server.files.pictures import Picture

ABOUT_HEADERS: Mapping[str, str] = {"Content-Type": "application/json"}


class About(msgspec.Struct, omit_defaults=True):
    """What is kept beside a body."""

    file_name: str
    content_type: str
    size_bytes: int
    thumb_type: str | None = None
    thumb_bytes: int = 0


def described(upload: Upload, picture: "Picture | None") -> About:
    """What to keep beside the upload; a picture's type is what it is, whatever was claimed."""
    about = About(upload.file_name, picture.content_type if picture else upload.content_type, upload.size_bytes)
    if picture and picture.thumbnail:
        about.thumb_type = picture.thumbnail.content_type
        about.thumb_bytes = len(picture.thumbnail.body)
    return about


def headers(about: About, *, thumb: bool) -> dict[str, str]:
    """What a bucket answers with when it serves the file, or its thumbnail, itself.

    It cannot be made to say `nosniff`, nor to run nothing: what might run is saved instead of shown. A picture may be
    shown, and browsers never take what is called a picture for a page.
    """
    media_type = (about.thumb_type if thumb else None) or about.content_type
    return {
        "Content-Type": media_type,
        "Content-Disposition": names.disposition(media_type, name=about.file_name),
        # An address is worth nothing after ten minutes, and what is behind it never changes.
        "Cache-Control": "private, max-age=600, immutable",
    }


def content_of(address: Address, about: About, picture: "Picture | None") -> FileContent:
    """The `content` of the file's message."""
    content: FileContent = {
        "path": address.path,
        "file_name": about.file_name,
        "file_size": about.size_bytes,
        "content_type": about.content_type,
        "content_disposition": names.disposition(about.content_type, name=about.file_name),
    }
    if picture:
        content["image"] = {"width": picture.width, "height": picture.height}
    if picture and (thumbnail := picture.thumbnail):
        path = Address(address.log, address.key, thumb=True, name=address.name).path
        content["thumbnail"] = {"path": path, "width": thumbnail.width, "height": thumbnail.height}
    return content
