"""`flowdock comment`: remark on a message."""

from flowdock.cli import terminal
from flowdock.cli.options import ApiUrl, FlowName, Json, Number, Tags, Text, Token


def comment(
    number: Number,
    text: Text,
    *,
    tag: Tags = None,
    flow: FlowName = None,
    as_json: Json = False,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """Remark on a message, and print the number of the remark. In a thread it is a reply.

    Example:
      flowdock comment 42 "Fixed in 2.2"
    """
    from flowdock.cli import session

    content = terminal.text_of(text)
    with session.opened(token=token, api_url=api_url) as opened:
        place = opened.flow(flow)
        opened.seek_message(number)
        message = place.comment(number, content, tags=tag)
    terminal.tell(message, str(message["id"]), as_json=as_json)
