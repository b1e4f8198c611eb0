"""`flowdock threads`: the threads of a flow."""

from flowdock.cli import terminal
from flowdock.cli.options import ApiUrl, FlowName, Json, Limit, Token


def threads(
    *,
    limit: Limit = 30,
    flow: FlowName = None,
    as_json: Json = False,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """Show the threads of a flow, the one updated last first.

    The number is that of a thread's first message; give it to 'flowdock send --thread' or 'flowdock list --thread'.

    Examples:
      flowdock threads --limit 5
      flowdock threads --json | jq -r .title
    """
    from flowdock.cli import session

    with session.opened(token=token, api_url=api_url) as opened:
        found = opened.flow(flow).threads(limit=limit)
    if as_json:
        for thread in found:
            terminal.say_json(thread)
        return
    from flowdock.cli.screen import show_threads

    show_threads(found)
