"""`flowdock send`: say something."""

from flowdock.cli import terminal
from flowdock.cli.options import ApiUrl, FlowName, Json, Tags, Text, ThreadId, To, Token


def send(
    text: Text,
    *,
    tag: Tags = None,
    thread: ThreadId = None,
    flow: FlowName = None,
    to: To = None,
    as_json: Json = False,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """Say something, and print the number of the message.

    Examples:
      flowdock send "Deployed 2.1" --tag deploy
      flowdock send "and it works" --thread 42
      git log -1 | flowdock send - --to alice
    """
    from flowdock.cli import session

    content = terminal.text_of(text)
    with session.opened(token=token, api_url=api_url) as opened:
        message = opened.place(flow=flow, to=to, thread=thread).send(content, tags=tag)
    if as_json:
        terminal.say_json(message)
    else:
        terminal.say(str(message["id"]))
