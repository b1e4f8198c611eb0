"""Requests to addresses that people chose: webhooks, thread actions. All go through one guarded client.

`guard` says which addresses may be asked, `requests` asks them. What they answer is never shown to whoever chose them.
`smtp` hands mail to the server that whoever runs this one chose, so that is not guarded.
"""

from flowdock.server.outgoing.answers import Answer
from flowdock.server.outgoing.failures import NotAllowed, OutgoingError, TookTooLong, Unreachable
from flowdock.server.outgoing.guard import Guard, Network
from flowdock.server.outgoing.requests import Outgoing

__all__ = ["Answer", "Guard", "Network", "NotAllowed", "Outgoing", "OutgoingError", "TookTooLong", "Unreachable"]
