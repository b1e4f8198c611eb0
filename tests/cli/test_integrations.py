"""Sources, webhooks, emoji and tokens."""

import json
import time
from pathlib import Path

import pytest
from PIL import Image

import flowdock
from flowdock.testing import Account, Server
from tests.cli.programs import SECONDS, Run


def test_the_token_of_a_source_says_something_until_it_is_removed(server: Server, alice: Account, run: Run) -> None:
    token = run("sources", "create", "Lampe ☀", "--url", "https://ci.example.com").out.strip()
    with flowdock.connect(flow_token=token, api_url=server.url) as service:
        service.send("Hello", name="lamp")
        number = str(service.source()["id"])

    listed = run("sources", "list")
    assert f"{number}  Lampe ☀       https://ci.example.com\n" in listed.out
    assert token not in listed.out
    assert run("sources", "remove", number).out == f"removed {number}\n"
    assert run("sources", "remove", number).complaint == (
        f"there is no source {number} in acme/main; 'flowdock sources list' shows those there are"
    )


def test_an_integration_in_json_has_its_secret_once(alice: Account, run: Run) -> None:
    assert json.loads(run("sources", "create", "CI", "--json").out)["flow_token"]
    assert json.loads(run("webhooks", "create", "http://127.0.0.1:9/x", "--json").out)["secret"]
    assert "secret" not in json.loads(run("webhooks", "list", "--json").out)


def test_a_webhook_is_made_looked_at_and_removed(alice: Account, run: Run) -> None:
    assert run("webhooks", "list").err == "there is no webhook; 'flowdock webhooks create URL' makes one\n"
    secret = run("webhooks", "create", "http://127.0.0.1:9/x", "--event", "message", "--event", "file").out.strip()

    listed = run("webhooks", "list").out
    number = listed.split()[0]
    assert listed.startswith(f"{number}  http://127.0.0.1:9/x  ")
    assert secret not in listed
    assert run("webhooks", "deliveries", number).err == "it was told nothing like that yet\n"
    assert run("webhooks", "replay", number, "99").complaint.startswith("there is no delivery 99 of a webhook")
    run("webhooks", "remove", number)
    assert run("webhooks", "deliveries", number).complaint == (
        f"there is no webhook {number} in acme/main; 'flowdock webhooks list' shows those there are"
    )


def deliveries(run: Run, webhook: str, *, about: str) -> list[str]:
    """The lines of what a webhook was told, once one of them is about this; a worker writes them."""
    deadline = time.monotonic() + SECONDS
    while about not in (shown := run("webhooks", "deliveries", webhook).out):
        assert time.monotonic() < deadline, shown
    return shown.splitlines()


def test_a_delivery_is_shown_and_told_again(alice: Account, run: Run) -> None:
    run("webhooks", "create", "http://127.0.0.1:9/x")
    number = run("webhooks", "list").out.split()[0]
    said = run("send", "Hello").out.strip()

    first = deliveries(run, number, about=f"message {said}")[-1]
    again = run("webhooks", "replay", number, first.split()[0]).out.strip()
    assert again in [line.split()[0] for line in deliveries(run, number, about=f"message {said}")]


def test_only_an_administrator_of_the_flow_has_webhooks(
    server: Server, alice: Account, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOWDOCK_TOKEN", server.second_user.token)

    assert run("webhooks", "list").complaint.startswith("this token may not do that: ")


def test_an_emoji_is_added_listed_and_removed(alice: Account, run: Run, tmp_path: Path) -> None:
    assert run("emoji", "list").err == "there is none; 'flowdock emoji add NAME FILE' adds one\n"
    picture = tmp_path / "lamp.png"
    Image.new("RGB", (8, 8)).save(picture)

    assert run("emoji", "add", ":lamp:", str(picture)).out == ":lamp:\n"
    assert run("emoji", "list").out.startswith(":lamp:  http")
    assert json.loads(run("emoji", "remove", "lamp", "--json").out) == {"removed": "lamp"}
    assert run("emoji", "remove", "lamp").complaint.startswith("acme has no emoji 'lamp'")


def test_a_picture_that_is_not_there_is_named(alice: Account, run: Run) -> None:
    assert run("emoji", "add", "lamp", "nowhere.png").complaint == "nowhere.png: No such file or directory"


def test_a_token_is_told_once_and_opens_until_it_is_revoked(server: Server, alice: Account, run: Run) -> None:
    token = run("tokens", "create", "backup", "--scope", "flow").out.strip()
    assert run("flows", "--token", token).code == 0
    assert run("tokens", "list", "--token", token).complaint.startswith("this token may not do that: ")

    row = run("tokens", "list").out.splitlines()[-1]
    assert (row.split()[1:3], token in row) == (["backup", "flow"], False)
    number = row.split()[0]
    assert json.loads(run("tokens", "revoke", number, "--json").out) == {"revoked": int(number)}
    assert run("flows", "--token", token).code == 1
    assert run("tokens", "revoke", number).complaint.startswith(f"you have no token {number}; ")


def test_a_webhook_is_paused_and_goes_on(alice: Account, run: Run) -> None:
    made = json.loads(run("webhooks", "create", "https://hooks.example.com/", "--json").out)["id"]

    assert run("webhooks", "pause", str(made)).out == f"{made} is paused; --undo goes on\n"
    assert "paused" in run("webhooks", "list").out
    assert run("webhooks", "pause", str(made), "--undo").out == f"{made} goes on\n"
    assert "paused" not in run("webhooks", "list").out
