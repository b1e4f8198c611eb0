"""`flowdock leave`: go out of a flow."""

from flowdock.cli import terminal
from flowdock.cli.options import ApiUrl, FlowArgument, Json, Token


def leave(flow: FlowArgument, *, as_json: Json = False, token: Token = None, api_url: ApiUrl = None) -> None:
    """Go out of a flow. What you said there stays.

    Example:
      flowdock leave acme/main
    """
    from flowdock.cli import session

    with session.opened(token=token, api_url=api_url) as opened:
        opened.flow(flow).block(opened.client.me()["id"])
    terminal.tell({"left": flow}, f"you are no longer in {flow}", as_json=as_json)
