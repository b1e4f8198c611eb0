"""What can become of a request to an address that somebody chose.

The texts are shown to that person, so they tell nothing of the network that this server is in.
"""


class OutgoingError(Exception):
    """There was no answer; the text says why, as a part of a sentence."""


class NotAllowed(OutgoingError):
    """The address may not be asked; nothing was sent."""


class Unreachable(OutgoingError):
    """Nobody is there, the connection was cut off, or what came is not HTTP."""


class TookTooLong(OutgoingError):
    """There was no whole answer in time."""
