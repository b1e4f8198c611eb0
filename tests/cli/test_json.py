"""`--json` is everywhere, with one shape: JSON Lines, an object a line, as the server says it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from typer.main import get_command

import flowdock
from flowdock.cli.app import app
from flowdock.testing import Server
from tests.cli.programs import Run

MAY_BE_EMPTY = {"invitations", "webhooks deliveries {webhook}", "unread --mark"}
WITHOUT = {"serve", "chat", "bot run", "download"}
"""They run, or they print what was downloaded."""
ELSEWHERE = ("up", "move", "admin ")
"""What runs a server is tried where that is tried."""

STORY = """
login --profile work --token {token} --api-url {url}
profiles list
profiles use work
profiles remove work
whoami
flows --all
users
org list
send Hello --tag json > message
send Again --thread {message}
comment {message} Indeed
react {message} tada
edit {message} Hello,_world
rethread {message} --own
status away
list
search Hello,_world
search --everywhere Again
threads
conversations
unread
unread --mark
upload {folder}/notes.txt > file
delete {file}
invite dora@example.com > invitation
invitations
invitations --cancel {invitation}
sources list
sources create CI > source
sources remove {source}
webhooks create https://hooks.example.com/ > webhook
webhooks list
webhooks deliveries {webhook}
webhooks pause {webhook}
webhooks remove {webhook}
emoji add picture {folder}/picture.png
emoji list
emoji remove picture
org rename Acme_Inc.
org make-admin bob
org audit
org scim-token
join-link --renew
block bob
block bob --undo
org remove-user carol
tokens create backup > token_made
tokens list
tokens revoke {token_made}
create-flow acme Ops --access organization
leave acme/ops
join acme/ops
archive acme/ops
doctor --silence 2
"""
"""Commands in an order in which each has something to tell; `> name` keeps the id of what is told. `_` is a blank."""


def commands(group: Any, *path: str) -> Iterator[tuple[str, set[str]]]:
    """Every command, and its options."""
    for name, inner in group.commands.items():
        if hasattr(inner, "commands"):
            yield from commands(inner, *path, name)
        else:
            yield " ".join((*path, name)), {option for parameter in inner.params for option in parameter.opts}


ALL = dict(commands(get_command(app)))


def test_every_command_that_shows_or_changes_something_has_it() -> None:
    assert {name for name, options in ALL.items() if "--json" not in options} == WITHOUT


def test_the_story_tells_of_every_command() -> None:
    told = {name for name in ALL for line in STORY.splitlines() if f"{line} ".startswith(f"{name} ")}
    untold = {name for name in ALL if not f"{name} ".startswith(ELSEWHERE)} - told - WITHOUT

    # A stream never ends, and nothing was delivered yet that could be delivered again.
    assert untold == {"tail", "webhooks replay"}


def test_what_each_command_prints_is_an_object_a_line(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FLOWDOCK_PROFILE")
    (tmp_path / "notes.txt").write_text("notes")
    Image.new("RGB", (8, 8)).save(tmp_path / "picture.png")
    with Server(tmp_path / "server", keep_alive_seconds=0.2) as server:
        known = {"token": server.user.token, "url": server.url, "folder": str(tmp_path)}
        monkeypatch.setenv("FLOWDOCK_API_URL", server.url)
        monkeypatch.setenv("FLOWDOCK_TOKEN", server.user.token)
        with flowdock.connect(token=server.second_user.token, uid=server.user.id) as private:
            private.send("so that there is a conversation")
        for line in STORY.strip().splitlines():
            told, _, name = line.partition(" > ")
            objects = printed(run, told, known)
            assert objects or told in MAY_BE_EMPTY, line
            if name:
                known[name] = str(objects[0]["id"])


def printed(run: Run, line: str, known: dict[str, str]) -> list[dict[str, Any]]:
    """What a command prints, decoded line by line."""
    words = [word.format(**known) if "{" in word else word.replace("_", " ") for word in line.split()]
    done = run(*words, *(["--flow", "acme/main"] if takes_flow(line) else []), "--json")
    assert done.code == 0, (line, done)
    objects = [json.loads(one) for one in done.out.splitlines()]
    assert all(isinstance(one, dict) for one in objects), (line, done.out)
    return objects


def takes_flow(line: str) -> bool:
    name = max((name for name in ALL if f"{line} ".startswith(f"{name} ")), key=len)
    return "--flow" in ALL[name] and "--everywhere" not in line
