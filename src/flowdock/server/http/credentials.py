"""Who sends a request: every form in which clients were seen to bring their credentials.

What was found out is remembered for a few seconds, or until credentials change.

Source: wire facts 1.2.
"""

import asyncio
import logging
import re
import time
from base64 import b64decode
from collections.abc import Mapping
from functools import partial
from hashlib import sha256

from starlette.concurrency import run_in_threadpool
from starlette.types import Scope

from flowdock.server import passwords
from flowdock.server.actions import provisioning, signing_in
from flowdock.server.domain.actors import Actor, Nobody, Person
from flowdock.server.domain.permissions import Role, Rule, needs_credentials
from flowdock.server.domain.refusals import forbidden, too_often, unauthorized
from flowdock.server.hub.expiring import Expiring
from flowdock.server.store.store import Store

log = logging.getLogger("flowdock.http")

TOKEN_SECONDS = 5
PASSWORD_SECONDS = 60
REMEMBERED_LIMIT = 10_000
WRONG_PASSWORDS = 20
"""So often a password may be guessed for one address, within"""
WRONG_SECONDS = 300
WRONG_SCIM_TOKENS = 100
"""So many wrong tokens of an organization's provisioner are answered as such, within as long."""

Memory = dict[bytes, tuple[Actor, float]]
"""Who came with which credentials, by their digest, and until when that is believed."""

_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/=_-]")


class Credentials:
    """Finds the actor behind a request."""

    def __init__(self, store: Store, expiring: Expiring) -> None:
        self._store = store
        self._expiring = expiring
        self._known: Memory = {}
        self._used: set[int] = set()
        """The tokens that were used since it was last written down which were."""

    def forget(self) -> None:
        """Look everything up anew: tokens, people or sources changed."""
        self._known.clear()
        # Another one: what is being looked up just now may be the old, and is put where nobody looks any more.
        self._known = {}

    async def note_use(self, seconds: float) -> None:
        """Write down again and again when tokens were used, all of them at once: no request waits for that."""
        while True:
            await asyncio.sleep(seconds)
            if self._used:
                used, self._used = self._used, set()
                try:
                    await self._store.write(partial(signing_in.note_use, token_ids=used))
                except Exception:
                    log.exception("when %d tokens were used last could not be written down", len(used))

    async def from_header(self, scope: Scope, rule: Rule) -> Actor | None:
        """Who the request's head says is asking, None when it says nothing. Where nobody is asked for, it is Nobody.

        Asked before the body is read, so that nobody unknown makes the server take in a large one.

        Raises:
            Refusal: 401, nobody known has these credentials; 403 or 429, they are not those of the provisioner.
        """
        if not needs_credentials(rule) and Role.PERSON not in rule.roles:
            return Nobody()
        header = next((value for name, value in scope["headers"] if name == b"authorization"), None)
        if rule.roles == {Role.PROVISIONER}:
            return await self._provisioner(str(scope["path_params"]["uid"]), header)
        return None if header is None else await self._known_person(header)

    async def from_parameters(self, parameters: Mapping[str, object], rule: Rule) -> Actor:
        """Who the parameters say is asking: by `flow_token` where a source may ask, else by `access_token`.

        Raises:
            Refusal: 401, nobody known has these credentials; 410, the source was removed.
        """
        flow_token = parameters.get("flow_token")
        if Role.SOURCE in rule.roles and isinstance(flow_token, str) and flow_token:
            return await self._source(flow_token)
        access_token = parameters.get("access_token")
        if not isinstance(access_token, str) or not access_token:
            if not needs_credentials(rule):
                return Nobody()
            raise unauthorized("Authentication is missing; send your token as the user name of HTTP Basic")
        return await self._known_person(b"bearer " + access_token.encode())

    async def by_password(self, email: str, password: str) -> Person:
        """Who has this address and this password; guesses are counted, for all processes together.

        Raises:
            Refusal: 401, they do not belong together; 429, too many wrong passwords came for this address.
        """
        failures = f"wrong password {email.casefold()}"
        if await self._expiring.count(failures) >= WRONG_PASSWORDS:
            raise too_often("Too many wrong passwords for this address; wait some minutes", seconds=WRONG_SECONDS)
        found = await self._store.read(lambda tx: signing_in.password_hash_of(tx, email))
        if not await run_in_threadpool(passwords.matches, found[1] if found else None, password) or found is None:
            await self._expiring.increase(failures, seconds=WRONG_SECONDS)
            raise unauthorized()
        return found[0]

    async def _provisioner(self, uid: str, header: bytes | None) -> Actor:
        """Who provisions this organization. However many wrong tokens came, the right one opens."""
        if header is None:
            raise unauthorized("Authentication is missing; send the SCIM token as Authorization: Bearer")
        scheme, _, token = header.decode("latin-1").partition(" ")
        found = await self._store.read(lambda tx: provisioning.by_scim_token(tx, uid, token.strip()))
        if found is not None and scheme.lower() == "bearer":
            return found
        if await self._expiring.increase(f"wrong scim token {uid}", seconds=WRONG_SECONDS) > WRONG_SCIM_TOKENS:
            raise too_often("Too many wrong tokens for this address; wait some minutes", seconds=WRONG_SECONDS)
        raise forbidden()

    async def _known_person(self, header: bytes) -> Actor:
        # Digests, so that secrets do not lie about in memory.
        digest = sha256(header).digest()
        known = self._known.get(digest)
        if known is not None and known[1] > time.monotonic():
            return known[0]
        return await self._person(header, digest)

    async def _source(self, flow_token: str) -> Actor:
        digest = sha256(b"flow_token " + flow_token.encode()).digest()
        known = self._known.get(digest)
        if known is not None and known[1] > time.monotonic():
            return known[0]
        memory = self._known
        actor = await self._store.read(lambda tx: signing_in.by_flow_token(tx, flow_token))
        return _remember(memory, digest, actor, TOKEN_SECONDS)

    async def _person(self, header: bytes, digest: bytes) -> Actor:
        memory = self._known
        scheme, _, rest = header.decode("latin-1").partition(" ")
        if scheme.lower() == "bearer":
            token, password = rest.strip(), ""
        elif scheme.lower() == "basic":
            token, password = parse_basic(rest)
        else:
            raise unauthorized(f"{scheme!r} is no scheme this server knows; use Basic or Bearer")
        if "@" in token:
            return _remember(memory, digest, await self.by_password(token, password), PASSWORD_SECONDS)
        person = await self._store.read(lambda tx: signing_in.by_token(tx, token))
        if person is None:
            raise unauthorized()
        self._used.add(person.token_id)
        return _remember(memory, digest, person, TOKEN_SECONDS)


def parse_basic(encoded: str) -> tuple[str, str]:
    """User name and password of HTTP Basic, as sloppy as they were seen to come.

    Whatever follows the first character that is not base64 is dropped; a missing colon means an empty password.
    """
    plain = _NOT_BASE64.split(encoded.strip(), maxsplit=1)[0].rstrip("=").translate({ord("-"): "+", ord("_"): "/"})
    try:
        decoded = b64decode(plain + "=" * (-len(plain) % 4))
    except ValueError:
        raise unauthorized() from None
    try:
        text = decoded.decode()
    except UnicodeDecodeError:
        text = decoded.decode("latin-1")
    user, _, password = text.partition(":")
    return user.strip(), password


def _remember(memory: Memory, digest: bytes, actor: Actor, seconds: float) -> Actor:
    if len(memory) >= REMEMBERED_LIMIT:
        memory.clear()
    memory[digest] = (actor, time.monotonic() + seconds)
    return actor
