"""A broker on Redis or Valkey: one server, or a cluster over whose nodes the logs are spread.

Losing a server is ordinary. Whoever follows a log that was said there is told (`Ears.deaf`), and told again when it can
be heard (`Ears.listening`), which is when to look what was missed. How far logs have grown waits until it can be told.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Never

from redis.exceptions import RedisError

from flowdock.server.hub.broker import Ears
from flowdock.server.hub.hub import Heard
from flowdock.server.hub.redis.connecting import FIRST_WAIT_SECONDS, Patience, told
from flowdock.server.hub.redis.letters import CREDENTIALS, Channels, Letter, Outbox
from flowdock.server.hub.redis.line import Line
from flowdock.server.hub.redis.servers import Server, Servers
from flowdock.server.hub.redis.voice import Voice

ANSWER_SECONDS = 2.0
SILENCE_SECONDS = 5.0
LOOK_SECONDS = 10.0
"""How often a cluster is asked which node has what, though nothing seems to have changed."""

log = logging.getLogger("flowdock.hub")


@dataclass(frozen=True, slots=True)
class _Post:
    """What there is for one server, while it is in use."""

    line: Line
    voice: Voice
    listening: asyncio.Task[Never]
    telling: asyncio.Task[Never]


class RedisBroker:
    """The broker at an address such as `redis://:password@host:6379`, for the event loop's thread.

    Sites with different names do not hear each other. A server that says nothing for `silence_seconds`, though it was
    asked to, is given up.
    """

    def __init__(self, url: str, *, site: str = "", silence_seconds: float = SILENCE_SECONDS) -> None:
        """Not connected yet.

        Raises:
            UnusableBroker: nothing can be at this address.
        """
        self._servers = Servers(url, timeout=min(ANSWER_SECONDS, silence_seconds))
        self._channels = Channels(site=site, database=self._servers.database, sender=secrets.token_bytes(8))
        self._silence_seconds = silence_seconds
        self._ears: Ears
        self._posts: dict[Server, _Post] = {}
        self._early = Outbox()
        """What waits while nobody knows which servers there are."""
        self._lines: dict[int, Line | None] = {CREDENTIALS: None}
        """What is followed, and on which line."""
        self._awaited = {CREDENTIALS}
        """What is followed but not, or no longer, subscribed to."""
        self._promised: set[int] = set()
        """Of which the ears believe that it is heard."""
        self._stale = asyncio.Event()
        """Whether a server said, by refusing or by going away, that it no longer has what we think it has."""
        self._refusing: dict[Line, str] = {}
        """Where something that was asked for could not be had, and why."""

    @property
    def hears(self) -> bool:
        """Whether it is connected and everything that is followed can be heard."""
        return not self._awaited

    def tell(self, heard: Iterable[Heard]) -> None:
        """Let the other processes know what was committed here; never waits."""
        self._tell([Letter(one.log_id, one.number, b"" if one.number else one.frame) for one in heard])

    def tell_credentials_changed(self) -> None:
        """Let the other processes forget what they know of tokens and passwords; never waits."""
        self._tell([Letter(CREDENTIALS, 1)])

    def follow(self, log_id: int) -> None:
        """Hear of a log from now on; `Ears.listening` says from when exactly."""
        self._awaited.add(log_id)
        self._lines[log_id] = None
        if self._posts:
            self._put_through(log_id)

    def unfollow(self, log_id: int) -> None:
        """Take `follow` back."""
        line = self._lines.pop(log_id, None)
        if line is not None:
            line.drop(self._channels.name(log_id))
        self._awaited.discard(log_id)
        self._promised.discard(log_id)

    async def run(self, ears: Ears) -> None:
        """Be connected and connect again, until cancelled; what still waits then is told before it ends."""
        self._ears = ears
        try:
            async with asyncio.TaskGroup() as tasks:
                await self._find_servers()
                self._man_posts(tasks)
                if self._servers.clustered:
                    await self._follow_cluster(tasks)
        finally:
            self._awaited.update(self._lines)
            self._early.put(letter for post in self._posts.values() for letter in post.voice.silence())
            self._posts.clear()

    def _tell(self, letters: list[Letter]) -> None:
        if not self._posts:
            self._early.put(letters)
            return
        for letter in letters:
            self._post_for(letter.log_id).voice.tell([letter])

    def _post_for(self, log_id: int) -> _Post:
        return self._posts[self._servers.having(self._channels.name(log_id))]

    def _put_through(self, log_id: int) -> None:
        """Have a log heard on the line of the server that has it."""
        channel, before, line = self._channels.name(log_id), self._lines[log_id], self._post_for(log_id).line
        if before is not None and before is not line:
            before.drop(channel)
        self._lines[log_id] = line
        self._awaited.add(log_id)
        line.ask(channel)

    async def _find_servers(self) -> None:
        patience = Patience()
        said = False
        while True:
            try:
                return await self._servers.look()
            except (RedisError, OSError) as error:
                if not said:
                    log.warning("the broker cannot be reached yet, and is tried again: %s", told(error))
                    self._let_hear(self._ears.deaf)
                    said = True
            await patience.pause()

    def _man_posts(self, tasks: asyncio.TaskGroup) -> None:
        """Have one post for each server, and everything that is followed or waits at the right one."""
        servers = self._servers.all
        for server in servers - self._posts.keys():
            self._posts[server] = self._open_post(server, tasks)
        letters = [*self._early.take(), *(letter for post in self._posts.values() for letter in post.voice.silence())]
        gone = [self._posts.pop(server) for server in self._posts.keys() - servers]
        self._tell(letters)
        for log_id, line in self._lines.items():
            if line is not self._post_for(log_id).line or (log_id in self._awaited and line in self._refusing):
                self._put_through(log_id)
        self._refusing.clear()
        for post in gone:
            self._close_post(post)

    def _open_post(self, server: Server, tasks: asyncio.TaskGroup) -> _Post:
        line = Line(server, self, silence_seconds=self._silence_seconds)
        voice = Voice(server, self._channels, failed=self._stale.set)
        return _Post(line, voice, tasks.create_task(line.run()), tasks.create_task(voice.run()))

    def _close_post(self, post: _Post) -> None:
        post.listening.cancel()
        post.telling.cancel()
        # What it was just telling may not have been taken.
        post.telling.add_done_callback(lambda _: self._tell(post.voice.silence()))

    async def _follow_cluster(self, tasks: asyncio.TaskGroup) -> Never:
        """Notice when channels move from node to node, and nodes come and go."""
        patience = Patience(FIRST_WAIT_SECONDS)
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._stale.wait()
            self._stale.clear()
            with suppress(RedisError, OSError):
                await self._servers.look()
                self._man_posts(tasks)
            await patience.pause()
            if not self._awaited:
                patience.reset()
                continue
            self._stale.set()
            if not self._awaited.isdisjoint(self._promised):
                why = next(iter(self._refusing.values()), "a node is not there")
                log.warning("the cluster does not let all logs be heard; it is asked again: %s", why)
                self._go_deaf()

    # What lines tell: see `Listener`.

    def confirmed(self, line: Line, channels: Sequence[bytes]) -> None:
        """These channels are heard from now on."""
        log_ids = [log_id for channel in channels if self._lines.get(log_id := self._channels.log_id(channel)) is line]
        self._awaited.difference_update(log_ids)
        if CREDENTIALS in log_ids:
            log_ids.remove(CREDENTIALS)
            self._let_hear(self._ears.credentials_changed)
        self._promise(log_ids)

    def heard(self, channel: bytes, content: bytes) -> None:
        """Somebody said this."""
        try:
            letter = self._channels.read(channel, content)
        except ValueError as error:
            log.warning("something that is no Flowdock speaks on our channels: %s", error)
            return
        if letter is None:
            return
        if letter.log_id == CREDENTIALS:
            self._let_hear(self._ears.credentials_changed)
        elif letter.number:
            self._let_hear(self._ears.reached, letter.log_id, letter.number)
        else:
            self._let_hear(self._ears.whispered, letter.log_id, letter.frame)

    def moved(self, line: Line, channel: bytes) -> None:
        """This channel is another's by now."""
        self._awaited.add(self._channels.log_id(channel))
        self.refused(line, "it was moved to another node")

    def refused(self, line: Line, why: str) -> None:
        """Something that was asked for cannot be had there."""
        self._refusing[line] = why
        self._stale.set()

    def lost(self, line: Line) -> None:
        """Nothing that is followed on this line is heard any more."""
        self._awaited.update([log_id for log_id, its_line in self._lines.items() if its_line is line])
        self._stale.set()
        self._go_deaf()

    def _go_deaf(self) -> None:
        """Say that something is not heard any more, and what still is."""
        self._let_hear(self._ears.deaf)
        still = self._promised - self._awaited
        self._promised.clear()
        self._promise(list(still))

    def _promise(self, log_ids: list[int]) -> None:
        if log_ids:
            self._promised.update(log_ids)
            self._let_hear(self._ears.listening, log_ids)

    def _let_hear(self, tell: Callable[..., None], *news: object) -> None:
        try:
            tell(*news)
        except Exception:
            log.exception("what another process said could not be taken")
