"""`flowdock delete`: take a message back."""

from flowdock.cli import terminal
from flowdock.cli.options import ApiUrl, FlowName, Json, Number, To, Token


def delete(
    number: Number,
    *,
    flow: FlowName = None,
    to: To = None,
    as_json: Json = False,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """Take a message of yours back, or an inbox item.

    What you said becomes empty; a file or an inbox item goes.

    Example:
      flowdock delete 42
    """
    from flowdock.cli import session

    with session.opened(token=token, api_url=api_url) as opened:
        place = opened.conversation(flow=flow, to=to)
        opened.seek_message(number)
        place.delete(number)
    terminal.tell({"deleted": number}, f"took {number} back", as_json=as_json)
