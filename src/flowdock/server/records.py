"""Values that rules, store and actions share, because all three would otherwise need the same one."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class Site:
    """Addresses without a final slash; `mail_domain` is what follows the `@` of a flow's address."""

    api_url: str
    web_url: str
    mail_domain: str
    secret: bytes = field(repr=False)
    sends_mail: bool = False
    """Whether mail leaves this server; else whoever would get a link by mail has to be given it."""
    takes_mail: bool = False
    """Whether mail to a flow's address comes in."""

    def mail_address(self, org: str, flow: str) -> str:
        """Where mail for a flow goes."""
        return f"{flow}@{org}.{self.mail_domain}"

    @property
    def name(self) -> str:
        """A name that no other site has, and that tells nothing of its secret."""
        return hmac.new(self.secret, b"name of the site", sha256).hexdigest()[:12]

    def api_token(self, flow_id: str, generation: int = 0) -> str:
        """A flow's token for the Push API: 32 hexadecimal digits that only this server can compute."""
        return self._derived("flow api token", flow_id, generation)[:32]

    def join_key(self, flow_id: str, generation: int = 0) -> str:
        """The 40 hexadecimal digits of a flow's join link."""
        return self._derived("flow join link", flow_id, generation)[:40]

    def client_secret(self, client_id: str, generation: int = 0) -> str:
        """The secret of an OAuth application: never stored, as it is also the key that signs what it is sent."""
        return self._derived("client secret", client_id, generation)

    def action_key(self, thread_id: str, action: bytes) -> str:
        """What in the address of a thread's action says that this server made it: 40 hexadecimal digits."""
        return hmac.new(self.secret, b"thread action\n%b\n%b" % (thread_id.encode(), action), sha256).hexdigest()[:40]

    @property
    def sealing_key(self) -> bytes:
        """The 32 bytes under which secrets of others are sealed."""
        return hmac.digest(self.secret, b"sealing of secrets", "sha256")

    def _derived(self, what: str, of: str, generation: int) -> str:
        # Without a number the first time: older servers told these texts already.
        label = f"{what} {of}" if generation == 0 else f"{what} {of} {generation}"
        return hmac.new(self.secret, label.encode(), sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class ThreadState:
    """A thread as stored; `key` is that of the event that began it, moments are milliseconds since 1970."""

    key: int
    id: str
    title: str
    initial_message: int
    created_at: int
    updated_at: int
    source_id: int | None = None
    external_id: str | None = None
    body: str | None = ""
    external_url: str | None = None
    status: Mapping[str, object] | None = None
    fields: list[object] = field(default_factory=list)
    actions: list[object] = field(default_factory=list)
    activities: int = 0
    internal_comments: int = 0
    external_comments: int = 0


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file whose body is already kept; `content` is what a message says of it."""

    content: Mapping[str, object]
