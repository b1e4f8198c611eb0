"""Flows, people, and what waits for one."""

import json
from typing import Any

import pytest

import flowdock
from flowdock import Flow
from flowdock.testing import Account, Server
from tests.cli.programs import Program, Run


def things(shown: Program) -> list[Any]:
    assert shown.code == 0, shown
    return [json.loads(line) for line in shown.out.splitlines()]


def test_a_flow_is_made_archived_and_woken(alice: Account, run: Run) -> None:
    assert run("create-flow", "acme", "Grüße und mehr", "--access", "organization").out == "acme/grue-und-mehr\n"

    assert run("archive", "acme/grue-und-mehr").out.startswith("acme/grue-und-mehr is archived")
    assert run("flows").out == ("acme/grue-und-mehr  Grüße und mehr, Acme, archived\nacme/main           Main, Acme\n")
    assert "disabled" not in json.loads(run("archive", "acme/grue-und-mehr", "--undo", "--json").out)


def test_a_flow_that_is_open_to_the_organization_is_joined_and_left(
    server: Server, alice: Account, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("create-flow", "acme", "Lamps", "--access", "organization")
    monkeypatch.setenv("FLOWDOCK_TOKEN", server.second_user.token)

    assert "acme/lamps  Lamps, Acme, not joined" in run("flows", "--all").out
    assert run("join", "acme/lamps").out == "you are in acme/lamps\n"
    assert "acme/lamps" in run("flows").out
    assert json.loads(run("leave", "acme/lamps", "--json").out) == {"left": "acme/lamps"}
    assert "acme/lamps" not in run("flows").out


def test_only_an_administrator_archives_a_flow(
    server: Server, alice: Account, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOWDOCK_TOKEN", server.second_user.token)

    assert run("archive", "acme/main").complaint.startswith("this token may not do that: ")


@pytest.mark.parametrize("words", [("join",), ("leave",), ("archive",)])
def test_a_flow_that_is_not_there_is_named(alice: Account, run: Run, words: tuple[str, ...]) -> None:
    complaint = run(*words, "acme/nowhere").complaint

    assert complaint == "no flow 'acme/nowhere' for this token; 'flowdock flows' lists those there are"


def test_an_organization_that_is_not_there_is_named(alice: Account, run: Run) -> None:
    complaint = "no organization 'void' for this token; 'flowdock org list' lists those there are"

    assert run("create-flow", "void", "Lamps").complaint == complaint
    assert run("users", "--org", "void").complaint == complaint


def test_who_is_here_is_shown_in_columns(alice: Account, run: Run) -> None:
    assert run("users", "--org", "acme").out.splitlines()[:2] == [
        "alice  Alice Example  alice@example.com  administrator",
        "bob    Bob Example    bob@example.com",
    ]
    assert {user["nick"] for user in things(run("users", "--json"))} == {"alice", "bob", "carol"}
    run("status", "at lunch")
    assert "administrator, at lunch" in run("users", "--flow", "acme/main").out


def test_what_waits_is_counted_and_read(alice: Account, flow: Flow, run: Run) -> None:
    assert run("unread").err == "nothing waits for you\n"
    flow.send("@alice one")
    flow.send("@alice two")

    assert run("unread").out == "acme/main  2 in 2 threads\n"
    assert things(run("unread", "--flow", "acme/main", "--json"))[0]["count"] == 2
    assert run("unread", "--mark").out == "read 2\n"
    assert run("unread").out == ""


def test_private_conversations_are_shown_as_to_takes_them(server: Server, alice: Account, run: Run) -> None:
    assert "'flowdock send --to NICK' begins" in run("conversations").err
    with flowdock.connect(token=server.second_user.token, uid=alice.id, api_url=server.url) as private:
        private.send("psst")

    assert run("conversations").out == "bob  1 unread\n"
    assert things(run("conversations", "--json"))[0]["activity"]["mentions"] == 1


def test_an_organization_is_looked_after_by_its_administrators(
    server: Server, alice: Account, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("org", "list").out == "acme  Acme  3 people\n"
    assert run("org", "rename", "Acme Inc.").out == "acme is now Acme Inc.\n"
    assert json.loads(run("org", "make-admin", "bob", "--json").out)["admin"] is True
    assert run("org", "make-admin", "bob", "--undo").out == "bob no longer administers acme\n"
    assert "alice@example.com" in run("org", "audit").out
    assert run("org", "remove-user", "carol").out == "carol is no longer in acme\n"
    assert run("org", "remove-user", "carol").code == 1

    monkeypatch.setenv("FLOWDOCK_TOKEN", server.second_user.token)
    assert run("org", "rename", "Bobs").complaint.startswith("this token may not do that: ")


def test_where_no_mail_is_sent_an_invitation_is_a_link_to_hand_on(alice: Account, run: Run) -> None:
    assert "'flowdock invite ADDRESS' asks somebody in" in run("invitations").err

    asked = run("invite", "dora@example.com", "emil@example.com", "-m", "Grüße").out.splitlines()

    assert [line.split("  ")[0] for line in asked] == ["dora@example.com", "emil@example.com"]
    assert all(line.split("  ")[1].startswith("http") for line in asked)
    assert [one["email"] for one in things(run("invitations", "--json"))] == ["dora@example.com", "emil@example.com"]


def test_an_invitation_is_taken_back_once(alice: Account, run: Run) -> None:
    number = str(json.loads(run("invite", "dora@example.com", "--json").out)["id"])

    assert run("invitations").out == f"{number}  dora@example.com\n"
    assert run("invitations", "--cancel", number).out == f"took {number} back\n"
    assert run("invitations", "--cancel", number).complaint == (
        f"no invitation {number} to acme/main waits; 'flowdock invitations' shows those that do"
    )


def test_only_an_address_is_invited(alice: Account, run: Run) -> None:
    assert "'dora'" in run("invite", "dora").complaint
    assert "in the flow already" in run("invite", "bob@example.com").complaint


@pytest.mark.parametrize(
    "words",
    [("emoji", "remove", ".."), ("users", "--org", ""), ("emoji", "list", "--org", "."), ("create-flow", "..", "x")],
)
def test_a_name_that_would_change_the_address_is_wrong_usage(alice: Account, run: Run, words: tuple[str, ...]) -> None:
    refused = run(*words)

    assert (refused.code, refused.out) == (2, "")
    assert "cannot be part of an address" in refused.err


def test_a_link_into_a_flow_is_made_shown_and_ended(alice: Account, run: Run) -> None:
    before = run("join-link").out

    made = run("join-link", "--renew").out

    assert made.startswith("http")
    assert made != before
    assert run("join-link").out == made
    assert run("join-link", "--remove").out == "it is ended\n"
    assert run("join-link").err == "there is none; 'flowdock join-link --renew' makes one\n"


def test_somebody_is_put_out_of_a_flow_and_let_in_again(server: Server, alice: Account, run: Run) -> None:
    bob = ("--token", server.second_user.token)

    assert run("block", "bob").out == "bob is no longer in acme/main\n"
    assert run("flows", *bob).out == ""
    assert run("block", "bob", "--undo").out == "bob is in acme/main again\n"
    assert run("block", "bbo").complaint == "nobody here has the nick 'bbo'; did you mean 'bob'?"


def test_a_directory_gets_a_token_of_its_own(alice: Account, run: Run) -> None:
    url, token = run("org", "scim-token").out.split()

    assert url.startswith("http")
    assert run("org", "scim-token").out.split()[1] != token
    assert run("org", "scim-token", "--remove").out == "it is ended\n"
