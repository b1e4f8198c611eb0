"""`flowdock webhooks`: addresses that a flow tells something."""

from enum import StrEnum
from typing import Annotated, TypeAlias

import typer

from flowdock.cli import terminal
from flowdock.cli.commands import RareCommands, add
from flowdock.cli.options import ApiUrl, FlowName, Json, Limit, Token
from flowdock.protocol.parameters import DeliveriesParameters
from flowdock.protocol.resources import Delivery, Webhook

Id: TypeAlias = Annotated[int, typer.Argument(metavar="ID", min=1, help="Its number in 'flowdock webhooks list'.")]


class State(StrEnum):
    """What became of a delivery."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


def list_webhooks(*, flow: FlowName = None, as_json: Json = False, token: Token = None, api_url: ApiUrl = None) -> None:
    """Show the webhooks of a flow.

    Example:
      flowdock webhooks list
    """
    from flowdock.cli import session, table

    with session.opened(token=token, api_url=api_url) as opened:
        found = opened.flow(flow).webhooks()
    table.show(found, _webhook, empty="there is no webhook; 'flowdock webhooks create URL' makes one", as_json=as_json)


def _webhook(one: Webhook) -> list[str]:
    counts = [f"{one['waiting']} waiting" if one["waiting"] else "", f"{one['failed']} failed" if one["failed"] else ""]
    state = "" if one["active"] else "paused"
    return [str(one["id"]), one["url"], ",".join(one["events"]) or "all", ", ".join(filter(None, [state, *counts]))]


def create(
    url: Annotated[str, typer.Argument(metavar="URL", help="Where the events are posted.")],
    *,
    event: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND", help="Only this kind: message, file ...; give it again for more."),
    ] = None,
    flow: FlowName = None,
    as_json: Json = False,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """Have the events of a flow posted to an address.

    What it prints is the secret that signs them, which is shown only now.

    Example:
      flowdock webhooks create https://hooks.example.com/flowdock --event message
    """
    from flowdock.cli import session

    with session.opened(token=token, api_url=api_url) as opened:
        made = opened.flow(flow).create_webhook(url, event)
    terminal.tell(made, made.get("secret", ""), as_json=as_json)


def remove(
    id: Id, *, flow: FlowName = None, as_json: Json = False, token: Token = None, api_url: ApiUrl = None
) -> None:
    """Remove a webhook.

    Example:
      flowdock webhooks remove 7
    """
    from flowdock.cli import session

    with session.opened(token=token, api_url=api_url) as opened:
        place = opened.flow(flow)
        opened.seek(_missing(id, opened.name))
        place.remove_webhook(id)
    terminal.tell({"removed": id}, f"removed {id}", as_json=as_json)


def pause(
    id: Id,
    *,
    undo: Annotated[bool, typer.Option("--undo", help="Go on telling it.")] = False,
    flow: FlowName = None,
    as_json: Json = False,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """Tell a webhook nothing for a while. What happens meanwhile is not told later.

    Examples:
      flowdock webhooks pause 7
      flowdock webhooks pause 7 --undo
    """
    from flowdock.cli import session

    with session.opened(token=token, api_url=api_url) as opened:
        place = opened.flow(flow)
        opened.seek(_missing(id, opened.name))
        changed = place.update_webhook(id, active=undo)
    terminal.tell(changed, f"{id} goes on" if undo else f"{id} is paused; --undo goes on", as_json=as_json)


def deliveries(
    id: Id,
    *,
    state: Annotated[State | None, typer.Option(help="Only those of which this became.")] = None,
    limit: Limit = 30,
    flow: FlowName = None,
    as_json: Json = False,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """Show what a webhook was told, the newest first.

    Example:
      flowdock webhooks deliveries 7 --state failed
    """
    from flowdock.cli import session, table

    wanted: DeliveriesParameters = {"limit": limit}
    if state is not None:
        wanted["state"] = state.value
    with session.opened(token=token, api_url=api_url) as opened:
        place = opened.flow(flow)
        opened.seek(_missing(id, opened.name))
        found = place.deliveries(id, **wanted)
    table.show(found, _delivery, empty="it was told nothing like that yet", as_json=as_json)


def _delivery(one: Delivery) -> list[str]:
    from flowdock.cli import table

    answer = f"HTTP {one['status']}" if one["status"] else ""
    return [
        str(one["id"]),
        table.moment(one["created_at"]),
        f"{one['event']} {one['message']}",
        one["state"],
        " ".join(filter(None, [answer, one["error"]])),
    ]


def replay(
    id: Id,
    delivery: Annotated[int, typer.Argument(metavar="DELIVERY", min=1, help="Its number in 'deliveries'.")],
    *,
    flow: FlowName = None,
    as_json: Json = False,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """Tell a webhook once more what it was told.

    What it prints is the number of the delivery that does so.

    Example:
      flowdock webhooks replay 7 1204
    """
    from flowdock.cli import session

    with session.opened(token=token, api_url=api_url) as opened:
        place = opened.flow(flow)
        opened.seek(
            f"there is no delivery {delivery} of a webhook {id} in {opened.name}; "
            f"'flowdock webhooks deliveries {id}' shows those there are"
        )
        told = place.replay(id, delivery)
    terminal.tell(told, str(told["id"]), as_json=as_json)


def _missing(id: int, flow: str) -> str:
    return f"there is no webhook {id} in {flow}; 'flowdock webhooks list' shows those there are"


webhooks = typer.Typer(
    cls=RareCommands, help="Addresses that a flow tells its events.", no_args_is_help=True, rich_markup_mode=None
)
add(webhooks, "list", list_webhooks)
add(webhooks, "create", create)
add(webhooks, "pause", pause)
add(webhooks, "remove", remove)
add(webhooks, "deliveries", deliveries)
add(webhooks, "replay", replay)
