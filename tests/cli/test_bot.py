import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import flowdock
from flowdock.cli.bot import found_at
from flowdock.cli.failures import Failure
from flowdock.testing import Server

ROBO = """
from flowdock.bot import Bot

robo = bot = Bot(memory=":memory:")

@bot.hears("hi", ambient=True)
async def greet(message):
    await message.reply("{greeting}")
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])


def run(server: Server, *options: str) -> subprocess.Popen[str]:
    environment = os.environ | {"FLOWDOCK_TOKEN": server.third_user.token, "FLOWDOCK_API_URL": server.url}
    command = [sys.executable, "-m", "flowdock", "bot", "run", *options]
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)


def said(process: subprocess.Popen[str], words: str) -> str:
    """The next line of what it says in which these words are."""
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return line
    raise AssertionError(f"it ended without saying {words!r}")


def test_a_bot_runs_until_it_is_told_to_stop(server: Server) -> None:
    Path("robo.py").write_text(ROBO.format(greeting="hello"))
    with (
        run(server, "robo") as process,
        flowdock.connect(token=server.user.token, org="acme", flow="main", api_url=server.url) as flow,
    ):
        assert "carol listens in all its flows" in said(process, "listens")
        number = flow.send("hi")["id"]
        with flow.events(since=number) as answers:
            assert next(event["content"] for event in answers if event["event"] == "message") == "hello"
        process.send_signal(signal.SIGTERM)
        assert "stopping" in said(process, "stopping")
        assert process.wait(10) == 0


def test_a_bot_is_started_anew_when_its_source_changes(server: Server) -> None:
    Path("robo.py").write_text(ROBO.format(greeting="hello"))
    with run(server, "robo:bot", "--reload") as process:
        said(process, "listens")
        Path("robo.py").write_text(ROBO.format(greeting="good evening"))
        assert "robo.py" in said(process, "changed: ")
        said(process, "listens")
        process.send_signal(signal.SIGINT)
        assert process.wait(10) in (0, 130)


@pytest.mark.parametrize(
    "target,words",
    [
        ("nobo", "there is no module 'nobo' in "),
        ("robo.py", "'robo.py' is not a module such as robo or team.robo:bot; leave out the .py"),
        ("robo:bat", "'bat' in robo is no Bot; those there are: robo, bot"),
        ("two", "two has 2 bots; name one, such as two:one"),
        ("empty", "empty has 0 bots; name one, such as empty:bot"),
    ],
)
def test_what_is_no_bot_is_said_so(target: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("robo.py").write_text(ROBO)
    Path("two.py").write_text("from flowdock.bot import Bot\none, other = Bot(), Bot()\n")
    Path("empty.py").write_text("")

    with pytest.raises(Failure, match=words):
        found_at(target)


def test_a_bot_that_is_alone_in_its_module_needs_no_name() -> None:
    Path("lonely.py").write_text(ROBO)

    assert found_at("lonely") is found_at("lonely:robo")
