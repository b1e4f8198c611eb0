"""`flowdock org`: organizations and who administers them."""

from typing import Annotated, TypeAlias

import typer

from flowdock.cli import terminal
from flowdock.cli.commands import RareCommands, add
from flowdock.cli.options import ApiUrl, Json, OrgName, Token
from flowdock.protocol.resources import AuditedUser, OrganizationDetails

Nick: TypeAlias = Annotated[str, typer.Argument(metavar="NICK", help="Who it is about.")]


def list_organizations(*, as_json: Json = False, token: Token = None, api_url: ApiUrl = None) -> None:
    """Show the organizations that you are in, as --org takes them.

    Example:
      flowdock org list
    """
    from flowdock.cli import session, table

    with session.opened(token=token, api_url=api_url) as opened:
        found = opened.client.organizations()
    empty = "you are in no organization; somebody there has to add you to one"
    table.show(found, _organization, empty=empty, as_json=as_json)


def _organization(org: OrganizationDetails) -> list[str]:
    count = org["user_count"]
    return [org["parameterized_name"], org["name"], f"{count} {'person' if count == 1 else 'people'}"]


def rename(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The new name for people.")],
    *,
    org: OrgName = None,
    as_json: Json = False,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """Give an organization another name for people.

    Its name in addresses stays.

    Example:
      flowdock org rename "Acme Inc."
    """
    from flowdock.cli import session

    with session.opened(token=token, api_url=api_url) as opened:
        changed = opened.client.update_organization(opened.org(org), name=name)
    terminal.tell(changed, f"{changed['parameterized_name']} is now {changed['name']}", as_json=as_json)


def make_admin(
    nick: Nick,
    *,
    undo: Annotated[bool, typer.Option("--undo", help="Let them administer it no longer.")] = False,
    org: OrgName = None,
    as_json: Json = False,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """Let somebody administer an organization.

    Examples:
      flowdock org make-admin bob
      flowdock org make-admin bob --undo
    """
    from flowdock.cli import session

    with session.opened(token=token, api_url=api_url) as opened:
        found = opened.org(org)
        uid = opened.uid(nick)
        opened.seek(f"{nick!r} is not in {found}; 'flowdock users --org {found}' shows who is")
        changed = opened.client.make_admin(found, uid, admin=not undo)
    told = f"{changed['nick']} {'no longer administers' if undo else 'administers'} {found}"
    terminal.tell(changed, told, as_json=as_json)


def remove_user(
    nick: Nick, *, org: OrgName = None, as_json: Json = False, token: Token = None, api_url: ApiUrl = None
) -> None:
    """Take somebody out of an organization and all its flows. What they said stays.

    Example:
      flowdock org remove-user bob
    """
    from flowdock.cli import session

    with session.opened(token=token, api_url=api_url) as opened:
        found = opened.org(org)
        uid = opened.uid(nick)
        opened.seek(f"{nick!r} is not in {found}; 'flowdock users --org {found}' shows who is")
        opened.client.remove_user(found, uid)
    terminal.tell({"removed": uid}, f"{nick} is no longer in {found}", as_json=as_json)


def scim_token(
    *,
    remove: Annotated[bool, typer.Option("--remove", help="End it instead.")] = False,
    org: OrgName = None,
    as_json: Json = False,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """Make the token by which a directory provisions people.

    What it prints is the address for the directory, and the token, which is shown only now; the one before ends.

    Examples:
      flowdock org scim-token
      flowdock org scim-token --remove
    """
    from flowdock.cli import session

    with session.opened(token=token, api_url=api_url) as opened:
        found = opened.org(org)
        if remove:
            opened.client.remove_scim_token(found)
            terminal.tell({"removed": "scim-token"}, "it is ended", as_json=as_json)
            return
        made = opened.client.renew_scim_token(found)
    terminal.tell(made, f"{made['url']}  {made['token']}", as_json=as_json)


def audit(*, org: OrgName = None, as_json: Json = False, token: Token = None, api_url: ApiUrl = None) -> None:
    """Show when the people of an organization were last here.

    Example:
      flowdock org audit --json | jq -r 'select(.accessed_at == null).email'
    """
    from flowdock.cli import session, table

    with session.opened(token=token, api_url=api_url) as opened:
        found = opened.client.audit_users(opened.org(org))
    table.show(found, _audited, empty="nobody is in it; 'flowdock invite' asks people in", as_json=as_json)


def _audited(user: AuditedUser) -> list[str]:
    from flowdock.cli import table

    return [user["nick"], user["email"], table.moment(user["accessed_at"]), "administrator" if user["admin"] else ""]


org = typer.Typer(
    cls=RareCommands, help="Organizations, and who administers them.", no_args_is_help=True, rich_markup_mode=None
)
add(org, "list", list_organizations)
add(org, "rename", rename)
add(org, "make-admin", make_admin)
add(org, "remove-user", remove_user)
add(org, "audit", audit)
add(org, "scim-token", scim_token)
