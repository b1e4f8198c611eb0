"""Bodies of files over HTTP: first a redirect to a short-lived address, then the bytes.

Nothing uploaded can act in the page's name: browsers keep to the type they are told, get pictures shown and
everything else saved, and run nothing.

Source: wire facts 2.11; RFC 9110, 13 and 14, for conditions and ranges.
"""

import re

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from flowdock.server.domain.refusals import not_found
from flowdock.server.files import Files, StoredFile
from flowdock.server.files.names import disposition

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")

HARMLESS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
}
"""With these a browser runs nothing of what came from a stranger."""


async def redirect(files: Files, path: str) -> Response:
    """The answer to a request for this path of a file, or of its thumbnail, by somebody who may have it.

    `path` is the request's, without its percent-encoding; slashes at its front may be doubled.

    Raises:
        Refusal: 404 when no file can have this path; 503 when the bucket gives no addresses.
    """
    location = await files.signed_url(path)
    return Response(status_code=302, headers={"Location": location, "Content-Length": "0", "Cache-Control": "no-store"})


async def download(request: Request, *, files: Files) -> Response:
    """The bytes behind a signed address, all of them or the one range asked for. Answers GET and HEAD.

    Raises:
        Refusal: 404 when the address is forged or expired, or the file is gone.
    """
    valid = files.verified(request.scope["path"])
    if valid is None:
        raise not_found()
    path, seconds_left = valid
    stored = await files.find(path)
    headers = {
        **HARMLESS,
        "Accept-Ranges": "bytes",
        "Cache-Control": f"private, max-age={int(seconds_left)}, immutable",
        "Content-Disposition": disposition(stored.content_type, name=stored.file_name),
        "Content-Type": stored.content_type,
        "ETag": stored.etag,
    }
    if _is_known(stored.etag, request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers=headers)
    start, stop, status = _asked_range(request, stored)
    if status == 416:
        return Response(status_code=416, headers=HARMLESS | {"Content-Range": f"bytes */{stored.size_bytes}"})
    if status == 206:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{stored.size_bytes}"
    headers["Content-Length"] = str(stop - start)
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    return StreamingResponse(await files.read(stored, start=start, stop=stop), status_code=status, headers=headers)


def _is_known(etag: str, condition: str) -> bool:
    """Whether the caller has this version already."""
    return condition == "*" or etag in (known.strip().removeprefix("W/") for known in condition.split(","))


def _asked_range(request: Request, stored: StoredFile) -> tuple[int, int, int]:
    """First byte, the one after the last, and the status: 200 for all, 206 for a part, 416 for one that is not there.

    What is no single range is ignored, as is a range of another version.
    """
    size = stored.size_bytes
    found = _RANGE.fullmatch(request.headers.get("range", "").replace(" ", ""))
    if request.headers.get("if-range", stored.etag) != stored.etag or not found or found[0] == "bytes=-":
        return 0, size, 200
    first, last = found[1], found[2]
    if not first:
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return 0, size, 200
    return (start, stop, 206) if start < stop else (0, 0, 416)
