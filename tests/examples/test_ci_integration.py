import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

import flowdock
from flowdock.protocol.types import InboxItem
from flowdock.testing import Server
from tests.contract.plain import ask
from tests.examples.program import Program

KEY = "the hook's own key"
# Passes from the second time on, and says which commit it builds.
COMMAND = 'echo "building $COMMIT"; test -e "seen-$COMMIT" || { touch "seen-$COMMIT"; exit 1; }'


class Builds:
    """The build server as it runs, and the flow that it tells."""

    def __init__(self, program: Program, flow: flowdock.Flow) -> None:
        self.program = program
        self.flow = flow
        self.url = program.line().removeprefix("tell of commits at ").removesuffix("/builds")

    def tell(self, key: str = KEY, **commit: Any) -> int:
        headers = {"Authorization": f"Bearer {key}"}
        return ask(self.url, "POST", "/builds", headers=headers, body=json.dumps(commit).encode()).status

    def items(self, commit: str) -> list[InboxItem]:
        found = self.flow.list(event="activity", limit=100)
        return [one for one in found if one["event"] == "activity" and commit in one["thread"]["title"]]


@pytest.fixture(scope="module")
def builds(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Builds]:
    with flowdock.connect(token=server.user.token, api_url=server.url) as alice:
        application = alice.create_application("Build server")
        flow = alice(org=server.org, flow=server.flow)
        source = flow.create_source("Builds of the shop", application_id=application["id"])
        environment = {
            "FLOWDOCK_API_URL": server.url,
            "FLOWDOCK_FLOW_TOKEN": source["flow_token"],
            "CLIENT_SECRET": application["client_secret"],
            "CI_KEY": KEY,
        }
        folder: Path = tmp_path_factory.mktemp("builds")
        program = Program("ci_integration.py", COMMAND, "--port", "0", environment=environment, folder=folder)
        yield Builds(program, flow)
        assert program.interrupt()[0] == 0


@pytest.fixture
def commit() -> str:
    return uuid4().hex[:8]


def test_a_build_is_a_thread_that_tells_what_came_of_it(builds: Builds, commit: str) -> None:
    assert builds.tell(commit=commit, title="Fix the <lamp>", author="Ray") == 202

    assert builds.program.line() == f"{commit} failed"
    began, ended = builds.items(commit)
    assert (began["author"]["name"], began["title"]) == ("Ray", "started the build")
    assert ended["title"].startswith("saw it fail after ")
    thread = builds.flow.thread(ended["thread_id"]).show()
    assert thread["title"] == f"Fix the <lamp> ({commit})"
    assert thread["status"] == {"color": "red", "value": "failed"}
    assert f"building {commit}" in str(thread["body"])
    assert began["thread_id"] == ended["thread_id"]


def test_the_button_builds_it_again_in_the_name_of_whoever_pressed_it(builds: Builds, commit: str) -> None:
    builds.tell(commit=commit, title="Lamp", author="Ray")
    builds.program.line()
    item = builds.items(commit)[-1]
    [again] = item["thread"]["actions"]
    assert again["@type"] == "UpdateAction"
    key = again["target"]["urlTemplate"].rpartition("/")[2]

    assert builds.flow.thread(item["thread_id"]).run_action(key)["done"]

    assert builds.program.line() == f"{commit} passed"
    assert builds.items(commit)[-1]["author"]["name"] == "Alice Example"
    assert builds.flow.thread(item["thread_id"]).show()["status"] == {"color": "green", "value": "passed"}


@pytest.mark.parametrize("headers", [{}, {"FLOWDOCK-TOKEN": "e30.e30.e30"}])
def test_nothing_is_built_for_somebody_else(builds: Builds, commit: str, headers: dict[str, str]) -> None:
    builds.tell(commit=commit, title="Lamp", author="Ray")
    builds.program.line()

    body = b'{"agent":{"name":"Mallory"}}'
    assert ask(builds.url, "POST", f"/builds/{commit}/again", headers=headers, body=body).status == 403


@pytest.mark.parametrize(
    "key, told, status",
    [
        ("another", {"commit": "1f3a", "title": "x", "author": "Ray"}, 403),
        (KEY, {"commit": "1f3a"}, 400),
        (KEY, {"commit": "../1f3a", "title": "x", "author": "Ray"}, 400),
    ],
)
def test_a_commit_is_taken_from_the_hook_alone(builds: Builds, key: str, told: dict[str, str], status: int) -> None:
    assert builds.tell(key, **told) == status


def test_without_the_secret_it_does_not_start(tmp_path: Path) -> None:
    code, said = Program(
        "ci_integration.py", "true", environment={"CI_KEY": KEY, "CLIENT_SECRET": ""}, folder=tmp_path
    ).end()

    assert code == 2
    assert "CLIENT_SECRET must be set" in said
