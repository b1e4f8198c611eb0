import errno
import os

import pytest

from flowdock.cli.failures import Failure, sentence
from flowdock.protocol.errors import ConnectionFailed, from_answer


@pytest.mark.parametrize(
    "error, line",
    [
        (Failure("as it is"), "as it is"),
        (from_answer(400, b'{"message":"Validation error","errors":{"a":["is b","is c"],"d":["is e"]}}'),
         "a is b, is c; d is e"),
        (from_answer(400, b'{"message":"Not like this"}'), "the server refused with 400: Not like this"),
        (from_answer(403, b'{"message":"Access denied"}'), "this token may not do that: Access denied"),
        (from_answer(503, b""), "the server refused with 503: no explanation"),
        (from_answer(502, b"<h1>Bad gateway</h1>"), "the server refused with 502: <h1>Bad gateway</h1>"),
        (ConnectionFailed("GET /user was cut off"), "GET /user was cut off"),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "a.png"), "a.png: No space left on device"),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "No space left on device"),
        (OSError("strange"), "strange"),
        (OSError(), "OSError"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"), "the text is not valid UTF-8; convert it first"),
        (ModuleNotFoundError("No module named 'uvicorn'", name="uvicorn"),
         "this needs the package uvicorn: install flowdock[server]"),
    ],
)  # fmt: skip
def test_an_error_is_one_line_that_tells_what_was_wrong(error: Exception, line: str) -> None:
    assert sentence(error) == line
