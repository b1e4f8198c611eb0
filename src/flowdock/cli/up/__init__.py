"""`flowdock up`: a Flowdock to try, in one command."""

from typing import Annotated

import typer

from flowdock.cli import databases, engines, serve
from flowdock.cli.engines import MailFrom, MailListen, MailServer, OutgoingNetworks
from flowdock.cli.options import Data
from flowdock.cli.serve import Host, Port
from flowdock.server.settings import DEFAULT_HOST, DEFAULT_PORT, Settings


def up(
    *,
    data: Data = None,
    host: Host = DEFAULT_HOST,
    port: Port = DEFAULT_PORT,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the addresses and tokens as one line of JSON.")
    ] = False,
    mail: MailServer = None,
    mail_from: MailFrom = None,
    outgoing_networks: OutgoingNetworks = None,
    mail_listen: MailListen = None,
) -> None:
    """Start a Flowdock to try, and print how to talk to it.

    In an empty data folder it makes an organization with a flow, two people, a bot and an integration; otherwise it
    starts what is there. 'flowdock send' and all others then need no options. SIGTERM or Ctrl-C ends it.

    Examples:
      flowdock up
      flowdock up --data ./try --port 0 --json
    """
    from flowdock.cli.up import announcement, demo

    settings = Settings(
        data=databases.folder_of(data),
        public_url="",
        mail_url=mail,
        mail_from=mail_from,
        outgoing_networks=engines.networks_of(outgoing_networks),
        mail_listen=mail_listen,
    )
    with serve.hosting(settings, host=host, port=port) as server:
        credentials = demo.prepared(server.settings)
        server.run(lambda: announcement.announce(server, credentials, as_json=as_json))
