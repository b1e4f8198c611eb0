"""`flowdock whoami`: whose token this is."""

from flowdock.cli import terminal
from flowdock.cli.options import ApiUrl, Json, Token


def whoami(*, as_json: Json = False, token: Token = None, api_url: ApiUrl = None) -> None:
    """Show who you are to which server.

    Example:
      flowdock whoami --json | jq .id
    """
    from flowdock.cli import session

    with session.opened(token=token, api_url=api_url) as opened:
        user = opened.client.me()
        where = opened.where
    if as_json:
        terminal.say_json(user)
        return
    flow = f", in {where.org}/{where.flow}" if where.org and where.flow else ""
    terminal.say(f"{user['nick']} ({user['name']}, {user['email']}), user {user['id']} on {where.api_url}{flow}")
