"""The addresses of the site: files of a folder that only `make docs` writes.

The site's pages run scripts of their own, also some within the page: each page's policy allows exactly these, by their
digests. Nothing may come from elsewhere, and no other site may frame a page.
"""

import re
from base64 import b64encode
from functools import lru_cache
from hashlib import sha256
from mimetypes import guess_type
from pathlib import Path, PurePosixPath

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flowdock.server.http.pages.page import Html, page

SITE = Path(__file__).parent / "site"
COMPRESSED = ".gz"

_INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
_HAS_DIGEST = re.compile(r"\.[0-9a-f]{8}\.min\.")
_FOR_EVER = "public, max-age=31536000, immutable"
_LOOK_AGAIN = "public, no-cache"
_OF_PICTURES = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
_OF_PARTS = "default-src 'self'"
"""Of what has no page around it: a worker obeys the policy of its own script."""
_KEPT_FILES = 256

_NOT_BUILT = Html("""<p>This Flowdock was installed without its documentation. In its source, <code>make docs</code>
builds it; then it is here.</p>
<p>What programs may ask is told in <a href="/docs">the reference</a>.</p>
""")
_NO_SUCH_PAGE = Html("""<p>There is no such page here. <a href="/help/">The documentation</a> has a search.</p>
""")


class Help:
    """The site in one folder."""

    def __init__(self, folder: Path = SITE) -> None:
        self._folder = folder

    def routes(self) -> list[Route]:
        """Its addresses."""
        return [Route("/help", self.answer), Route("/help/{path:path}", self.answer)]

    # Not a coroutine, so that it runs beside the loop: it reads files.
    def answer(self, request: Request) -> Response:
        """Answer one request."""
        path = request.path_params.get("path")
        if not (self._folder / "index.html").is_file():
            return page("No documentation here", _NOT_BUILT, status=404)
        if path is None:
            return _one_deeper("help")
        found = self._found(path)
        if found is None:
            return page("No such page", _NO_SUCH_PAGE, status=404)
        if found.is_dir():
            return _one_deeper(PurePosixPath(path).name)
        return _file(found, request)

    def _found(self, path: str) -> Path | None:
        """The file at this path, or the folder that wants a slash at its end."""
        try:
            wanted = (self._folder / path.lstrip("/")).resolve()
            if not wanted.is_relative_to(self._folder.resolve()) or wanted.suffix == COMPRESSED:
                return None
            if wanted.is_dir() and (path.endswith("/") or not path):
                wanted /= "index.html"
            return wanted if wanted.exists() else None
        except (OSError, ValueError):
            # No file can have this name: it is too long, or has a zero byte in it.
            return None


def _one_deeper(name: str) -> Response:
    """To the same address with a slash, wherever this server's addresses begin."""
    return Response(status_code=308, headers={"location": f"{name}/", "cache-control": _LOOK_AGAIN})


def _file(file: Path, request: Request) -> Response:
    digest, policy = _looked_at(file, file.stat().st_mtime_ns)
    packed = file.with_name(file.name + COMPRESSED)
    is_packed = "gzip" in request.headers.get("accept-encoding", "") and packed.is_file()
    tag = f'"{digest}{"-gzip" if is_packed else ""}"'
    headers = {
        "etag": tag,
        "cache-control": _FOR_EVER if _HAS_DIGEST.search(file.name) else _LOOK_AGAIN,
        "content-security-policy": policy,
        "referrer-policy": "same-origin",
        "vary": "Accept-Encoding",
        "x-content-type-options": "nosniff",
    }
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if is_packed:
        headers["content-encoding"] = "gzip"
    kind = guess_type(file.name)[0] or "application/octet-stream"
    return Response((packed if is_packed else file).read_bytes(), media_type=kind, headers=headers)


@lru_cache(maxsize=_KEPT_FILES)
def _looked_at(file: Path, changed_ns: int) -> tuple[str, str]:
    """The digest of a file, and the policy of what it is."""
    del changed_ns
    content = file.read_bytes()
    digest = sha256(content).hexdigest()[:32]
    if file.suffix != ".html":
        return digest, _OF_PICTURES if file.suffix == ".svg" else _OF_PARTS
    scripts = {b64encode(sha256(script).digest()).decode() for script in _INLINE_SCRIPT.findall(content)}
    allowed = "".join(f" 'sha256-{script}'" for script in sorted(scripts))
    return digest, (
        f"default-src 'none'; script-src 'self'{allowed}; style-src 'self'; img-src 'self' data:; connect-src 'self';"
        " worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
