"""`flowdock conversations`: with whom one talks in private."""

from flowdock.cli.options import ApiUrl, Json, Token
from flowdock.protocol.resources import Conversation


def conversations(*, as_json: Json = False, token: Token = None, api_url: ApiUrl = None) -> None:
    """Show your private conversations, as --to takes them, and how much waits in each.

    Example:
      flowdock conversations
    """
    from flowdock.cli import session, table

    with session.opened(token=token, api_url=api_url) as opened:
        found = opened.client.conversations()
    table.show(found, _row, empty="you talk to nobody in private; 'flowdock send --to NICK' begins", as_json=as_json)


def _row(conversation: Conversation) -> list[str]:
    waiting = conversation["activity"]["mentions"]
    notes = [*([f"{waiting} unread"] if waiting else []), *([] if conversation["open"] else ["closed"])]
    return [conversation["name"].removeprefix("@"), ", ".join(notes)]
