import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

import flowdock
from flowdock import constructors
from tests.cli.programs import Run, Start, address_in, signed_in

ACME: Sequence[Sequence[str]] = (
    ("create-org", "Acme"),
    ("create-user", "alice", "--email", "alice@example.com", "--org", "acme", "--admin", "--bot"),
    ("create-user", "bob", "--email", "bob@example.com", "--org", "acme", "--bot"),
    ("create-flow", "acme", "Main", "--by", "alice"),
)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the data folder is to be."""
    folder = tmp_path / "new" / "folder"
    monkeypatch.setenv("FLOWDOCK_DATA", str(folder))
    return folder


@pytest.fixture
def acme(data: Path, run: Run) -> Path:
    """A data folder with a flow and two people, of whom alice is in it."""
    for words in ACME:
        made = run("admin", *words)
        assert made.code == 0, made
    return data


def test_what_an_administrator_makes_is_served(acme: Path, run: Run, start: Start) -> None:
    alice = run("admin", "create-token", "alice").out.strip()
    bob = json.loads(run("admin", "create-token", "BOB", "--label", "deploys", "--json").out)["token"]
    flow_token = run("admin", "create-source", "acme/main", "Build server", "--application", "CI").out.strip()
    assert run("admin", "add-to-flow", "acme/main", "bob").out == "bob is in acme/main\n"

    url = address_in(start("serve", "--port", "0").line())

    with flowdock.connect(token=alice, org="acme", flow="main", api_url=url) as flow:
        assert [(user["nick"], user["flow_admin"]) for user in flow.users()] == [("alice", True), ("bob", False)]
        assert [source["name"] for source in flow.info()["sources"]] == ["Build server"]
    with flowdock.connect(token=bob, api_url=url) as client:
        assert client.me()["email"] == "bob@example.com"
    with flowdock.connect(flow_token=flow_token, api_url=url) as service:
        service.present("1", constructors.author("CI"), "built", thread=constructors.thread("Build 1"))


def test_programs_get_what_was_made_as_json(acme: Path, run: Run) -> None:
    words = ("create-user", "carol", "--email", "c@example.com", "--name", "Carol C", "--json")

    made = {
        "org": json.loads(run("admin", "create-org", "Other Ltd.", "--json").out),
        "user": json.loads(run("admin", *words).out),
        "flow": json.loads(run("admin", "create-flow", "acme", "Side project", "--by", "bob", "--json").out),
        "source": json.loads(run("admin", "create-source", "acme/main", "CI", "--json").out),
        "added": json.loads(run("admin", "add-to-flow", "acme/main", "carol", "--by", "alice", "--json").out),
    }

    assert made["org"] == {"org": "other-ltd"}
    assert made["user"] | {"password": "?"} == {"id": 3, "nick": "carol", "email": "c@example.com", "password": "?"}
    assert made["flow"].keys() == {"id", "org", "flow"}
    assert made["source"].keys() == {"id", "flow_token", "client_secret"}
    assert made["added"] == {"user": 3, "org": "acme", "flow": "main"}


def test_a_password_is_made_and_shown_once(acme: Path, run: Run, start: Start) -> None:
    made = run("admin", "create-user", "carol", "--email", "carol@example.com", "--org", "acme")
    told, password = made.out.removesuffix("\n").rsplit(" ", 1)

    assert told == "carol <carol@example.com> is user 3 with the password"
    assert signed_in(address_in(start("serve", "--port", "0").line()), "carol@example.com", password) == "carol"


def test_a_password_can_be_given_on_standard_input_and_is_not_shown(acme: Path, run: Run, start: Start) -> None:
    words = ("admin", "create-user", "carol", "--email", "carol@example.com", "--password")

    made = run(*words, input="correct horse\n")

    assert made.out == "carol <carol@example.com> is user 3\n"
    assert signed_in(address_in(start("serve", "--port", "0").line()), "carol@example.com", "correct horse") == "carol"


@pytest.mark.parametrize(
    "words, complaint",
    [
        (("create-org", "Acme"), "name 'acme' has already been taken"),
        (("create-org", "!"), "name is '!'; it needs a letter a to z or a digit"),
        (("create-user", "ALICE", "--email", "x@example.com"), "nick 'ALICE' has already been taken"),
        (("create-user", "x", "--email", "Bob@example.com"), "email 'Bob@example.com' has already been taken"),
        (("create-user", "x", "--email", "nowhere"), "email 'nowhere' is not an address"),
        (("create-user", "x y", "--email", "x@example.com"), "nick may not be blank nor contain white space"),
        (("create-user", "x", "--email", "x@example.com", "--org", "no"), "org 'no' is no organization here"),
        (("create-user", "x", "--email", "x@example.com", "--password"), "the password is empty; type one, or leave"),
        (("create-flow", "acme", "Main", "--by", "alice"), "name 'main' has already been taken in acme"),
        (("create-flow", "acme", "New", "--by", "al"), "nobody has the nick 'al'; 'flowdock admin create-user' makes"),
        (("create-token", "al"), "nobody has the nick 'al'; 'flowdock admin create-user' makes them"),
        (("create-source", "acme/no", "CI"), "there is no flow acme/no; 'flowdock admin create-flow' makes one"),
        (("create-source", "no/main", "CI"), "there is no flow no/main; 'flowdock admin create-flow' makes one"),
        (("create-source", "acme/main", "CI", "--by", "bob"), "bob is not in acme/main; --by takes somebody who is"),
        (("add-to-flow", "acme/main", "al"), "nobody has the nick 'al'; 'flowdock admin create-user' makes them"),
        (("add-to-flow", "acme/main", "alice"), "alice is in acme/main already"),
    ],
)
def test_what_cannot_be_made_is_told_with_its_value(
    acme: Path, run: Run, words: tuple[str, ...], complaint: str
) -> None:
    assert run("admin", *words).complaint.startswith(complaint)


@pytest.mark.parametrize(
    "words",
    [
        ("add-to-flow", "acme", "bob"),
        ("create-user", "x", "--email", "x@example.com", "--bot", "--password"),
        ("create-user", "x"),
        ("create-flow", "acme", "New"),
        ("create-flow", "acme", "New", "--by", "alice", "--public-url", "flowdock.example"),
    ],
)
def test_a_contradiction_is_wrong_usage(acme: Path, run: Run, words: tuple[str, ...]) -> None:
    assert run("admin", *words).code == 2


def test_beside_a_running_server_only_what_nobody_follows_is_made(acme: Path, run: Run, start: Start) -> None:
    server = start("serve", "--port", "0")
    url = address_in(server.line())
    use = f"{acme} is in use by another Flowdock (process {server.process.pid}); stop it, do this again, and start it"

    assert run("admin", "add-to-flow", "acme/main", "bob").complaint == use
    assert run("admin", "create-source", "acme/main", "CI").complaint == use
    assert run("admin", "create-flow", "acme", "Side project", "--by", "bob").code == 0
    token = run("admin", "create-token", "bob").out.strip()

    with flowdock.connect(token=token, org="acme", flow="side-project", api_url=url) as flow:
        assert flow.send("Hello")["content"] == "Hello"


def test_a_database_that_is_none_is_named(data: Path, run: Run) -> None:
    data.mkdir(parents=True)
    (data / "flowdock.sqlite3").write_text("something else, and more than a few bytes of it")

    complaint = run("admin", "create-org", "Acme").complaint

    assert complaint.startswith(f"{data / 'flowdock.sqlite3'} cannot be read: file is not a database; ")


def test_a_database_of_a_newer_version_is_left_alone(acme: Path, run: Run) -> None:
    database = acme / "flowdock.sqlite3"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    complaint = run("admin", "create-org", "Other").complaint

    assert complaint.startswith(f"{database} has schema 9999, this version of Flowdock knows schemas up to ")


def test_a_database_in_which_a_table_is_missing_is_named(acme: Path, run: Run) -> None:
    database = acme / "flowdock.sqlite3"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("DROP TABLE organizations")

    complaint = run("admin", "create-org", "Other").complaint

    assert complaint == f"the database {database} cannot be used: no such table: organizations"


def test_a_data_folder_that_is_a_file_is_named(tmp_path: Path, run: Run) -> None:
    (tmp_path / "file").touch()

    assert run("admin", "create-org", "Acme", "--data", str(tmp_path / "file")).complaint == (
        f"{tmp_path / 'file'}: File exists"
    )
