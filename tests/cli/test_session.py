import json
from pathlib import Path

import pytest

import flowdock
from flowdock import Flow
from flowdock.client import profile
from flowdock.server.actions import setting_up
from flowdock.server.running import listen
from flowdock.testing import Account, Server
from tests.cli.programs import Run


def test_options_come_before_the_environment_and_the_environment_before_the_profile(
    server: Server, home: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = (server.user, server.second_user, server.third_user)
    profile.write(home / "profile.json", {"api_url": server.url, "token": people[0].token})
    assert json.loads(run("whoami", "--json").out)["id"] == people[0].id

    monkeypatch.setenv("FLOWDOCK_TOKEN", people[1].token)
    assert json.loads(run("whoami", "--json").out)["id"] == people[1].id

    assert json.loads(run("whoami", "--json", "--token", people[2].token).out)["id"] == people[2].id


def test_the_only_flow_needs_no_name(alice: Account, flow: Flow, run: Run) -> None:
    assert flow.show(int(run("send", "Hello").out))["content"] == "Hello"


def test_one_of_several_flows_has_to_be_named(server: Server, alice: Account, run: Run) -> None:
    server.do(lambda tx: setting_up.create_flow(tx, org="acme", name="Side project", creator=alice.id))

    assert run("send", "hi").complaint == "which flow? give --flow with one of acme/main, acme/side-project"
    assert run("send", "hi", "--flow", "acme/side-project").code == 0


def test_the_flow_of_the_profile_is_taken_if_none_is_named(server: Server, home: Path, run: Run) -> None:
    server.do(lambda tx: setting_up.create_flow(tx, org="acme", name="Side project", creator=server.user.id))
    stored = {"api_url": server.url, "token": server.user.token, "org": "acme", "flow": "side-project"}
    profile.write(home / "profile.json", stored)

    number = int(run("send", "Hello").out)

    with flowdock.connect(token=server.user.token, org="acme", flow="side-project", api_url=server.url) as side:
        assert side.show(number)["content"] == "Hello"


def test_somebody_in_no_flow_is_told_so(server: Server, run: Run) -> None:
    stranger = server.stranger()

    complaint = run("send", "hi", "--token", stranger.token, "--api-url", server.url).complaint

    assert complaint == f"you are in no flow on {server.url}; somebody there has to add you to one"


@pytest.mark.parametrize("words", [("send", "hi"), ("list",), ("threads",), ("search", "x"), ("upload", __file__)])
def test_a_flow_that_is_not_there_is_named(alice: Account, run: Run, words: tuple[str, ...]) -> None:
    complaint = run(*words, "--flow", "acme/mian").complaint

    assert complaint == "no flow 'acme/mian' for this token; 'flowdock flows' lists those there are"


@pytest.mark.parametrize("words", [("send", "hi"), ("list",), ("upload", __file__)])
def test_a_thread_that_is_not_there_is_named(alice: Account, run: Run, words: tuple[str, ...]) -> None:
    complaint = run(*words, "--thread", "nowhere").complaint

    assert complaint == "no thread 'nowhere' in acme/main; 'flowdock threads' lists those there are"


def test_a_message_that_is_not_there_is_named(alice: Account, run: Run) -> None:
    complaint = run("send", "hi", "--thread", "4711").complaint

    assert complaint == "there is no message 4711 in acme/main; 'flowdock list' shows the newest"


def test_a_number_in_a_flow_that_is_not_there_is_no_reason_to_doubt_the_number(alice: Account, run: Run) -> None:
    complaint = run("send", "hi", "--thread", "1", "--flow", "acme/mian").complaint

    assert complaint == "no flow 'acme/mian' for this token; 'flowdock flows' lists those there are"


def test_a_wrong_token_is_told_without_being_shown(server: Server, run: Run) -> None:
    complaint = run("send", "hi", "--token", "s3cret", "--api-url", server.url).complaint

    assert complaint == f"{server.url} does not know the token it was given; 'flowdock login' stores another"


def test_without_a_token_there_are_two_ways_to_get_one(run: Run) -> None:
    assert run("whoami").complaint == (
        "no token for http://127.0.0.1:3569; 'flowdock up' starts a Flowdock and keeps one, "
        "'flowdock login' keeps that of another"
    )


def test_a_server_of_this_machine_that_does_not_run_can_be_started(run: Run, hurried: None) -> None:
    with listen("127.0.0.1", 0) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"

    assert (
        run("whoami", "--token", "x", "--api-url", url).complaint == f"no Flowdock at {url}; 'flowdock up' starts one"
    )


def test_a_server_elsewhere_that_is_not_reached_cannot_be_started_from_here(run: Run, hurried: None) -> None:
    with listen("127.0.0.2", 0) as taken:
        url = f"http://127.0.0.2:{taken.getsockname()[1]}"

    complaint = run("whoami", "--token", "x", "--api-url", url).complaint

    assert complaint == (
        f"no Flowdock at {url}; is the address right, and is the server running? 'flowdock doctor' looks closer"
    )


def test_an_address_that_is_none_is_shown(run: Run) -> None:
    complaint = run("whoami", "--token", "x", "--api-url", "flowdock.example").complaint

    assert complaint == (
        "--api-url is 'flowdock.example', which is not an address such as https://flowdock.example.com"
    )


def test_a_broken_profile_is_named(home: Path, run: Run) -> None:
    home.mkdir()
    (home / "profile.json").write_text("{")

    assert f"the profile {home / 'profile.json'} is not JSON" in run("whoami").complaint
