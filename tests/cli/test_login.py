import stat
from pathlib import Path

import pytest

from flowdock.client import profile
from flowdock.server.actions import setting_up
from flowdock.testing import Server
from tests.cli.programs import Run


def test_after_a_login_no_command_needs_options(server: Server, home: Path, run: Run) -> None:
    logged_in = run("login", "--api-url", server.url, input=f"{server.user.token}\n")

    assert logged_in.out == f"{server.url} knows you as alice; 'flowdock send' goes to acme/main\n"
    assert run("send", "Hello").code == 0
    assert stat.S_IMODE((home / "profile.json").stat().st_mode) == 0o600
    assert profile.read(home / "profile.json") == {
        "api_url": server.url,
        "stream_url": f"{server.url}/stream",
        "org": "acme",
        "flow": "main",
        "token": server.user.token,
    }


def test_a_flow_is_remembered_if_it_is_there(server: Server, home: Path, run: Run) -> None:
    server.do(lambda tx: setting_up.create_flow(tx, org="acme", name="Side project", creator=server.user.id))
    words = ("login", "--api-url", server.url, "--token", server.user.token)

    chosen = run(*words, "--flow", "acme/side-project")
    complaint = run(*words, "--flow", "acme/mian").complaint

    assert chosen.out.endswith("'flowdock send' goes to acme/side-project\n")
    assert complaint == "no flow 'acme/mian' for this token; 'flowdock flows' lists those there are"
    assert profile.read(home / "profile.json")["flow"] == "side-project"


def test_of_several_flows_none_is_remembered_unless_named(server: Server, home: Path, run: Run) -> None:
    server.do(lambda tx: setting_up.create_flow(tx, org="acme", name="Side project", creator=server.user.id))

    logged_in = run("login", "--api-url", server.url, "--token", server.user.token)

    assert logged_in.out.endswith("; give --flow to each command, or log in again with it\n")
    assert "flow" not in profile.read(home / "profile.json")


@pytest.mark.parametrize("token", ["wrong", ""])
def test_a_token_that_is_not_known_leaves_the_profile_alone(server: Server, home: Path, run: Run, token: str) -> None:
    profile.write(home / "profile.json", {"token": "old"})

    assert run("login", "--api-url", server.url, input=token).code == 1

    assert profile.read(home / "profile.json") == {"token": "old"}
