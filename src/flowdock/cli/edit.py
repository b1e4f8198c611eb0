"""`flowdock edit`: change what one said."""

from flowdock.cli import terminal
from flowdock.cli.options import ApiUrl, FlowName, Json, Number, Text, To, Token


def edit(
    number: Number,
    text: Text,
    *,
    flow: FlowName = None,
    to: To = None,
    as_json: Json = False,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """Change the text of a message of yours.

    Example:
      flowdock edit 42 "Deployed 2.2"
    """
    from flowdock.cli import session

    content = terminal.text_of(text)
    with session.opened(token=token, api_url=api_url) as opened:
        place = opened.conversation(flow=flow, to=to)
        opened.seek_message(number)
        place.edit(number, content)
        message = place.show(number) if as_json else None
    terminal.tell(message, f"changed {number}", as_json=as_json)
