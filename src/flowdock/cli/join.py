"""`flowdock join`: come into a flow."""

from flowdock.cli import terminal
from flowdock.cli.options import ApiUrl, FlowArgument, Json, Token


def join(flow: FlowArgument, *, as_json: Json = False, token: Token = None, api_url: ApiUrl = None) -> None:
    """Come into a flow of your organization that is open to it.

    Example:
      flowdock join acme/main
    """
    from flowdock.cli import session

    with session.opened(token=token, api_url=api_url) as opened:
        joined = opened.flow(flow).update(open=True)
    terminal.tell(joined, f"you are in {session.name_of(joined)}", as_json=as_json)
