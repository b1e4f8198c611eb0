"""`flowdock flows`: the flows one is in."""

from flowdock.cli import terminal
from flowdock.cli.options import ApiUrl, Json, Token


def flows(*, as_json: Json = False, token: Token = None, api_url: ApiUrl = None) -> None:
    """Show the flows that you are in, as --flow takes them.

    Example:
      flowdock flows
    """
    from flowdock.cli import session

    with session.opened(token=token, api_url=api_url) as opened:
        found = opened.client.flows()
    for flow in found:
        if as_json:
            terminal.say_json(flow)
        else:
            terminal.say(f"{session.name_of(flow)}  {flow['name']}, {flow['organization']['name']}")
