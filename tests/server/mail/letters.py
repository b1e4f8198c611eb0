"""Mails as programs write them."""

from email.message import EmailMessage

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


def written(subject: str = "Server is down", text: str = "Look at it.", **headers: str) -> EmailMessage:
    """A mail of Ann's; `message_id` is the header Message-ID."""
    message = EmailMessage()
    message["From"] = "Ann Example <ann@example.net>"
    message["To"] = "main@acme.flowdock.example"
    message["Subject"] = subject
    message.set_content(text)
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    return message


def rich() -> EmailMessage:
    """One with text, HTML with a picture inside, and two files."""
    message = written("Pläne", "plain text")
    message.add_alternative('<p>Rich <img src="cid:x"></p>', subtype="html")
    body = message.get_payload()[1]  # type: ignore[index]
    body.add_related(PNG, "image", "png", cid="<x>", filename="inside.png")  # type: ignore[union-attr]
    message.add_attachment(b"a,b\n1,2\n", "text", "csv", filename="zahlen.csv")
    message.add_attachment("notes", filename="nötes.txt")
    return message
