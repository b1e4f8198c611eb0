"""Bytes of a request as text, refusing what could not be stored or sent again."""

from flowdock.server.domain.refusals import Refusal

# Only these: some of Python's codecs are slow beyond measure, or make text that is no text.
_CODECS = {
    "": "utf-8",
    "ascii": "utf-8",
    "us-ascii": "utf-8",
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "iso-8859-1": "iso-8859-1",
    "latin-1": "iso-8859-1",
    "latin1": "iso-8859-1",
    "iso-8859-15": "iso-8859-15",
    "windows-1252": "windows-1252",
    "cp1252": "windows-1252",
}


def decoded(raw: bytes | bytearray, charset: str = "") -> str:
    """The text, UTF-8 unless the sender said otherwise.

    Raises:
        Refusal: 400 for bytes that are no such text and for the character NUL, 415 for an unknown charset.
    """
    codec = _CODECS.get(charset.strip().lower())
    if codec is None:
        raise Refusal(415, f"charset {charset[:40]!r} is not understood; send UTF-8")
    try:
        text = raw.decode(codec)
    except UnicodeDecodeError as error:
        raise Refusal(400, f"byte {error.start} is not {codec.upper()}; send the text as UTF-8") from error
    if "\0" in text:
        raise nul_refused()
    return text


def nul_refused() -> Refusal:
    """The refusal for the one character that databases cannot keep in a text."""
    return Refusal(400, "a text contains the character NUL, which cannot be stored; leave it out")
