# Generated from src/flowdock/client/_async/people.py by tools/unasync.py; edit that file instead
"""Who is who: display names and the ids they stand for."""

import difflib

from flowdock.client import calls
from flowdock.client._sync.transport import Transport
from flowdock.protocol.errors import UnknownName


class People:
    """The people that one token can see, as last asked for."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._uids: dict[str, int] = {}

    def uid_of(self, name: str) -> int:
        """The id of the person with this display name (`nick`); the server is asked when the name is new.

        Raises:
            UnknownName: nobody has it.
        """
        if name not in self._uids:
            self._uids = {user["nick"]: user["id"] for user in self._transport.answer(calls.people.list_users())}
        if name not in self._uids:
            similar = difflib.get_close_matches(name, self._uids, n=1)
            hint = f"; did you mean {similar[0]!r}?" if similar else "; client.users() lists those there are"
            raise UnknownName(f"nobody has the display name {name!r}{hint}")
        return self._uids[name]
