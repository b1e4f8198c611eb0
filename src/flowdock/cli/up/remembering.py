"""The profile that `flowdock up` writes, so that other commands need no options."""

import os

from flowdock.cli.addresses import is_here
from flowdock.cli.serve import Server
from flowdock.cli.up.demo import Credentials
from flowdock.client import profile
from flowdock.protocol.errors import BadSetting


def remember(server: Server, credentials: Credentials) -> str | None:
    """Write the profile; if that cannot or should not be done, why.

    A profile of another machine stays as it is: it may hold the only copy of a token.
    """
    path = profile.place(os.environ)
    try:
        other = profile.read(path).get("api_url")
        if other is not None and not is_here(other):
            return f"the profile {path} belongs to {other} and was left as it is"
        profile.write(
            path,
            {
                "api_url": server.url,
                "stream_url": server.stream_url,
                "org": credentials["org"],
                "flow": credentials["flow"],
                "token": credentials["token"],
                "flow_token": credentials["flow_token"],
            },
        )
    except BadSetting as error:
        return str(error)
    except OSError as error:
        return f"the profile {path} cannot be written: {error.strerror}"
    return None
