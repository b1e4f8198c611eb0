"""`flowdock chat`: a view of one's flows that one keeps open in a terminal."""

import os
from typing import TYPE_CHECKING, Annotated

import typer

from flowdock.cli import terminal
from flowdock.cli.failures import Failure
from flowdock.cli.options import ApiUrl, FlowName, To, Token

if TYPE_CHECKING:
    from flowdock.cli.session import Session


def chat(
    *,
    flow: FlowName = None,
    to: To = None,
    light: Annotated[
        bool | None, typer.Option("--light/--dark", help="For a light or a dark terminal; Ctrl-T changes it.")
    ] = None,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """Keep your flows open in the terminal, and talk there.

    Choose a message, and its thread opens at the side: Shift-Tab and the arrow keys do that, or a click. F1 shows
    all keys. After a cut it goes on where it was, and sends what you said meanwhile.

    Examples:
      flowdock chat
      flowdock chat --flow acme/main
      flowdock chat --to bob --light
    """
    if not terminal.is_watched():
        raise Failure(
            "chat needs a terminal; 'flowdock tail' shows what happens in a pipe, 'flowdock send' says something"
        )
    try:
        import textual
    except ModuleNotFoundError as error:
        raise Failure(f"chat needs the package {error.name}: install flowdock[cli]") from error
    del textual
    import flowdock
    from flowdock.cli import session
    from flowdock.cli.chat.app import ChatApp

    with session.opened(token=token, api_url=api_url) as opened:
        where = opened.where
        # What is wrong with the token, the address or a name is told before the screen is taken.
        opened.client.me()
        place = _place(opened, flow=flow, to=to)
    client = flowdock.connect_async(token=where.token, api_url=where.api_url, stream_url=where.stream_url)
    ChatApp(client, place=place, dark=not (_is_light() if light is None else light)).run()


def _place(opened: "Session", *, flow: str | None, to: str | None) -> str | None:
    """Where to begin; None is the first flow there is."""
    if flow is None and to is None:
        where = opened.where
        return f"{where.org}/{where.flow}" if where.org and where.flow else None
    found = opened.conversation(flow=flow, to=to)
    found.info()
    return opened.name if to is None else f"@{to.removeprefix('@')}"


def _is_light() -> bool:
    """Whether the terminal says that its background is light, as some do."""
    ground = os.environ.get("COLORFGBG", "").rpartition(";")[2]
    return ground in {"7", "15"}
