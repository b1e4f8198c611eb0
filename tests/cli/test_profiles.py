import json
import os
from pathlib import Path

import pytest

import flowdock
from flowdock.client import profile
from flowdock.server import passwords
from flowdock.server.actions import setting_up
from flowdock.testing import Server
from tests.cli.programs import Run


@pytest.fixture
def named(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of profiles, of which no variable chooses one."""
    monkeypatch.delenv("FLOWDOCK_PROFILE")
    return home / "config" / "flowdock"


@pytest.fixture
def two(server: Server, named: Path, run: Run) -> Server:
    """A server that alice logged in to as the default, and bob as "work"."""
    assert run("login", "--api-url", server.url, "--token", server.user.token).code == 0
    logged_in = run("login", "--profile", "work", "--api-url", server.url, input=f"{server.second_user.token}\n")
    assert logged_in.out == f"{server.url} knows you as bob; 'flowdock --profile work send' goes to acme/main\n"
    return server


def nick(run: Run, *words: str) -> str:
    return str(json.loads(run(*words, "whoami", "--json").out)["nick"])


def test_a_command_takes_the_profile_it_is_given(two: Server, run: Run) -> None:
    assert nick(run) == "alice"
    assert nick(run, "--profile", "work") == "bob"
    assert nick(run) == "alice"


def test_a_profile_that_is_given_comes_before_the_environment(
    two: Server, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOWDOCK_TOKEN", two.third_user.token)
    monkeypatch.setenv("FLOWDOCK_API_URL", two.url)

    assert nick(run, "--profile", "work") == "bob"
    assert os.environ["FLOWDOCK_TOKEN"] == two.third_user.token


def test_the_variable_takes_a_name_as_well_as_a_path(
    two: Server, named: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for chosen in ("work", str(named / "profiles" / "work.json")):
        monkeypatch.setenv("FLOWDOCK_PROFILE", chosen)
        assert nick(run) == "bob"


def test_the_profile_in_use_is_taken_until_another_is(two: Server, run: Run) -> None:
    assert run("profiles", "use", "work").out == "work is in use\n"
    assert nick(run) == "bob"
    assert run("profiles", "list").out.splitlines()[1].startswith("*  work")

    assert run("profiles", "remove", "work").out == "removed work\n"
    assert nick(run) == "alice"


def test_profiles_are_listed_without_their_tokens(two: Server, named: Path, run: Run) -> None:
    shown = run("profiles", "list", "--json").out

    assert [json.loads(line) for line in shown.splitlines()] == [
        {
            "name": name,
            "used": name == "default",
            "api_url": two.url,
            "flow": "acme/main",
            "path": str(named / path),
            "problem": None,
        }
        for name, path in (("default", "profile.json"), ("work", "profiles/work.json"))
    ]
    assert two.second_user.token not in shown


@pytest.mark.parametrize(
    "words", [("--profile", "wrok", "whoami"), ("profiles", "use", "wrok"), ("profiles", "remove", "wrok")]
)
def test_a_profile_that_is_not_there_is_named(two: Server, run: Run, words: tuple[str, ...]) -> None:
    assert run(*words).complaint.startswith("there is no profile 'wrok'; those there are: default, work")


def test_a_client_can_be_given_a_profile(two: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWDOCK_TOKEN", two.third_user.token)

    with flowdock.connect(profile="work") as client:
        assert client.me()["nick"] == "bob"
    with pytest.raises(flowdock.BadSetting, match="there is no profile 'wrok'"):
        flowdock.connect(profile="wrok")


def test_a_password_makes_a_token_that_is_kept(server: Server, named: Path, run: Run) -> None:
    server.do(
        lambda tx: setting_up.create_user(
            tx,
            nick="dora",
            email="dora@example.com",
            name="Dora",
            password_hash=passwords.hashed("open sesame"),
            org="acme",
            admin=False,
        )
    )
    words = ("login", "--profile", "work", "--api-url", server.url, "--email", "dora@example.com")

    refused = run(*words, input="wrong\n")
    logged_in = run(*words, input="open sesame\n")

    assert refused.complaint == f"{server.url} does not know dora@example.com with this password"
    assert logged_in.code == 0, logged_in.err
    assert nick(run, "--profile", "work") == "dora"
    assert "sesame" not in (named / "profiles" / "work.json").read_text()


@pytest.mark.parametrize("name", ["../etc", "a b", ".", ""])
def test_a_name_that_no_file_should_have_is_wrong_usage(named: Path, run: Run, name: str) -> None:
    assert run("login", "--profile", name, "--token", "x").code == 2


def test_a_name_is_no_path_and_a_path_no_name(home: Path) -> None:
    environ = {"XDG_CONFIG_HOME": "/config"}

    assert profile.place(environ | {"FLOWDOCK_PROFILE": "work"}) == Path("/config/flowdock/profiles/work.json")
    assert profile.place(environ | {"FLOWDOCK_PROFILE": "./work"}) == Path("work")
    assert profile.place(environ, "default") == Path("/config/flowdock/profile.json")
