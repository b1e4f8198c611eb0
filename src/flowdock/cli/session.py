"""A command's way to a server: which one, as whom, and where in it."""

import difflib
import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer

import flowdock
from flowdock import Client, Flow, Private, Thread
from flowdock.cli.addresses import is_here
from flowdock.cli.failures import Failure
from flowdock.cli.options import names_of
from flowdock.client import profile, settings
from flowdock.client.settings import Settings
from flowdock.protocol.errors import BadSetting, ConnectionFailed, NotFound, Unauthorized
from flowdock.protocol.types import Flow as FlowDetails
from flowdock.protocol.types import User


@contextmanager
def opened(*, token: str | None, api_url: str | None) -> Generator["Session"]:
    """A session with the server and the token that options, environment and profile say, in this order.

    What the server or the network refuses inside is raised as a `Failure` that names the next step.
    """
    where = _current(token, api_url)
    with at(where) as session:
        yield session


@contextmanager
def at(where: Settings) -> Generator["Session"]:
    """A session with this server, as `opened` makes it."""
    with flowdock.connect(token=where.token, api_url=where.api_url, stream_url=where.stream_url) as client:
        session = Session(client, where)
        with explained(where, session):
            yield session


@contextmanager
def explained(where: Settings, session: "Session | None" = None) -> Generator[None]:
    """Raise what the server or the network refuses inside as a `Failure` that names the next step."""
    try:
        yield
    except ConnectionFailed as error:
        raise error if error.reached else Failure(_unreached(where.api_url)) from error
    except Unauthorized as error:
        raise Failure(
            f"{where.api_url} does not know the token it was given; 'flowdock login' stores another"
        ) from error
    except NotFound as error:
        if session is None:
            raise
        raise Failure(session.what_is_missing(error)) from error


class Session:
    """An open client, and what it was asked for: that is what tells an error's next step."""

    def __init__(self, client: Client, where: Settings) -> None:
        self.client = client
        self.where = where
        self._flow: Flow | None = None
        self._thread: str | None = None
        self._nick = ""
        self._sought = ""

    def seek(self, missing: str) -> None:
        """Say the line that tells what is missing, should the server not find what is asked for next."""
        self._sought = missing

    def seek_message(self, number: int) -> None:
        """The same for a message of the place that was asked for."""
        self.seek(f"there is no message {number} in {self.name}; 'flowdock list' shows the newest")

    def conversation(self, *, flow: str | None, to: str | None) -> Flow | Private:
        """The private conversation with `to` if it is given, else the flow."""
        if to is None:
            return self.flow(flow)
        if flow is not None:
            raise typer.BadParameter("--flow and --to exclude each other")
        self._nick = to
        return self.client(uid=self.uid(to))

    def place(self, *, flow: str | None, to: str | None, thread: str | None) -> Flow | Private | Thread:
        """The conversation, or the thread of the flow that has this id or holds the message of this number."""
        if thread is None:
            return self.conversation(flow=flow, to=to)
        if to is not None:
            raise typer.BadParameter("a private conversation has no threads; leave out --thread or --to")
        found = self.flow(flow)
        return found.thread(self.thread_id(found, thread))

    def flow(self, name: str | None) -> Flow:
        """The flow of this name, else that of the profile, else the only one there is."""
        names = names_of(name) or self._stored_names() or self._only_names()
        self._flow = self.client(org=names[0], flow=names[1])
        return self._flow

    @property
    def name(self) -> str:
        """What was asked for, for people."""
        return self._nick if self._flow is None else f"{self._flow.org}/{self._flow.flow}"

    def people(self) -> Sequence[User]:
        """Everybody who may have said something in what was asked for."""
        return self.client.users() if self._flow is None else self._flow.users()

    def flow_names(self) -> list[str]:
        """The flows one is in, as --flow takes them."""
        return [name_of(flow) for flow in self.client.flows()]

    def org(self, name: str | None) -> str:
        """The organization of this name in addresses, else that of the profile, else the only one there is."""
        found = name or self.where.org or self._only_org()
        self.seek(f"no organization {found!r} for this token; 'flowdock org list' lists those there are")
        return found

    def message(self, flow: Flow, number: int) -> dict[str, object]:
        """The message of this number."""
        try:
            return dict(flow.show(number))
        except NotFound as error:
            if not self._exists(flow):
                raise
            name = f"{flow.org}/{flow.flow}"
            raise Failure(f"there is no message {number} in {name}; 'flowdock list' shows the newest") from error

    def what_is_missing(self, error: NotFound) -> str:
        """The line that tells which of the things asked for is not there."""
        if self._flow is not None and not self._exists(self._flow):
            return f"no flow {self.name!r} for this token; 'flowdock flows' lists those there are"
        if self._thread is not None:
            return f"no thread {self._thread!r} in {self.name}; 'flowdock threads' lists those there are"
        return self._sought or f"nothing there for this token: {error.request}"

    def _exists(self, flow: Flow) -> bool:
        try:
            flow.info()
        except NotFound:
            return False
        return True

    def thread_id(self, flow: Flow, given: str) -> str:
        """The id of the thread that has it, or that holds the message of this number."""
        if not given.isdecimal():
            self._thread = given
            return given
        message = self.message(flow, int(given))
        thread_id = message.get("thread_id")
        if not isinstance(thread_id, str):
            raise Failure(
                f"message {given} in {flow.org}/{flow.flow} has no thread; 'flowdock list' shows those that have"
            )
        return thread_id

    def _stored_names(self) -> tuple[str, str] | None:
        return (self.where.org, self.where.flow) if self.where.org and self.where.flow else None

    def _only_names(self) -> tuple[str, str]:
        names = self.flow_names()
        if len(names) > 1:
            raise Failure(f"which flow? give --flow with one of {', '.join(sorted(names))}")
        if not names:
            raise Failure(f"you are in no flow on {self.where.api_url}; somebody there has to add you to one")
        org, _, flow = names[0].partition("/")
        return org, flow

    def _only_org(self) -> str:
        names = [org["parameterized_name"] for org in self.client.organizations()]
        if len(names) > 1:
            raise Failure(f"which organization? give --org with one of {', '.join(sorted(names))}")
        if not names:
            raise Failure(f"you are in no organization on {self.where.api_url}; somebody there has to add you to one")
        return names[0]

    def uid(self, nick: str) -> int:
        """The id of the person of this nick."""
        uids = {user["nick"].casefold(): user["id"] for user in self.client.users()}
        uid = uids.get(nick.removeprefix("@").casefold())
        if uid is None:
            similar = difflib.get_close_matches(nick.casefold(), uids, n=1)
            hint = f"did you mean {similar[0]!r}?" if similar else f"those there are: {', '.join(sorted(uids))}"
            raise Failure(f"nobody here has the nick {nick!r}; {hint}")
        return uid


def name_of(flow: FlowDetails) -> str:
    """A flow's name as --flow takes it: `org/flow`."""
    return f"{flow['organization']['parameterized_name']}/{flow['parameterized_name']}"


def found(given: Mapping[str, str | None], path: Path) -> Settings:
    """The settings that follow from options, the environment and the profile at `path`, which may not be there yet."""
    with _told_as_option():
        return settings.resolve(given, os.environ, profile.read(path))


def _current(token: str | None, api_url: str | None) -> Settings:
    with _told_as_option():
        where = settings.current({"token": token, "api_url": api_url})
    if not where.token:
        stored = "'flowdock up' starts a Flowdock and keeps one, 'flowdock login' keeps that of another"
        raise Failure(f"no token for {where.api_url}; {stored}")
    return where


@contextmanager
def _told_as_option() -> Generator[None]:
    try:
        yield
    except BadSetting as error:
        raise Failure(str(error).replace("the argument api_url", "--api-url")) from error


def _unreached(api_url: str) -> str:
    if is_here(api_url):
        return f"no Flowdock at {api_url}; 'flowdock up' starts one"
    return f"no Flowdock at {api_url}; is the address right, and is the server running? 'flowdock doctor' looks closer"
