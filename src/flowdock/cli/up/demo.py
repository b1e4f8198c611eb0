"""What an empty data folder is filled with, and the file that keeps its passwords and tokens.

The file is written inside the transaction that makes what it tells of, so there is no moment at which a crash leaves
content that nobody has tokens for. What it tells of content that was never committed is overwritten by the next start.
"""

import json
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypedDict, cast

from flowdock.cli import databases, passwords
from flowdock.cli.failures import Failure
from flowdock.server.actions import founding
from flowdock.server.actions.founding import Founded, Newcomer
from flowdock.server.domain.refusals import Refusal
from flowdock.server.passwords import hashed
from flowdock.server.settings import Settings
from flowdock.server.store import people
from flowdock.server.store.transaction import NotFound, Transaction

NAME = "credentials.json"
FIRST_USER = 1
"""The id of whoever came first to a data folder."""


class Account(TypedDict):
    """Somebody in the demo; a bot has no password."""

    id: int
    nick: str
    email: str
    password: str | None
    token: str


class Credentials(TypedDict):
    """What one needs to talk to the demo."""

    org: str
    flow: str
    flow_id: str
    token: str
    flow_token: str
    user: Account
    second_user: Account
    bot: Account


def prepared(settings: Settings) -> Credentials | None:
    """The credentials of a data folder, which is filled if it is empty; None if somebody else filled it."""
    if not settings.database.exists() or not databases.performed(settings, _has_people):
        databases.apart(_fill, settings)
    return _read(settings.data / NAME)


def _has_people(tx: Transaction) -> bool:
    try:
        people.get(tx, FIRST_USER)
    except NotFound:
        return False
    return True


def _fill(settings: Settings) -> None:
    chosen = (passwords.readable(), passwords.readable(), None)
    with ThreadPoolExecutor() as threads:
        hashes = list(threads.map(lambda password: password and hashed(password), chosen))
    newcomers = (
        Newcomer("alice", "Alice Adams", "alice@example.com", hashes[0]),
        Newcomer("bob", "Bob Brown", "bob@example.com", hashes[1]),
        Newcomer("robo", "Robo", "robo@example.com", hashes[2]),
    )

    def fill(tx: Transaction) -> None:
        founded = founding.found(tx, newcomers)
        try:
            _keep(settings.data / NAME, _credentials(founded, newcomers, chosen))
        except OSError as error:
            raise Refusal(500, f"{settings.data / NAME} cannot be written: {error.strerror}") from error

    databases.performed(settings, fill)


def _credentials(founded: Founded, newcomers: tuple[Newcomer, ...], chosen: tuple[str | None, ...]) -> Credentials:
    accounts = [
        Account(id=user_id, nick=newcomer.nick, email=newcomer.email, password=password, token=token)
        for user_id, newcomer, password, token in zip(founded.user_ids, newcomers, chosen, founded.tokens, strict=True)
    ]
    return Credentials(
        org=founded.org,
        flow=founded.flow,
        flow_id=founded.flow_id,
        token=founded.tokens[0],
        flow_token=founded.flow_token,
        user=accounts[0],
        second_user=accounts[1],
        bot=accounts[2],
    )


def _keep(path: Path, credentials: Credentials) -> None:
    descriptor, fresh = tempfile.mkstemp(dir=path.parent, prefix=f".{NAME}.")  # for its owner's eyes only
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(credentials, file, ensure_ascii=False, indent=2)
            file.flush()
            os.fsync(file.fileno())
        Path(fresh).replace(path)
    finally:
        Path(fresh).unlink(missing_ok=True)


def _read(path: Path) -> Credentials | None:
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError as error:
        content = error
    if not isinstance(content, dict) or not Credentials.__annotations__.keys() <= content.keys():
        raise Failure(f"{path} is damaged; move it away, and make new tokens with 'flowdock admin create-token'")
    return cast("Credentials", content)
