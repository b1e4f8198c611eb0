import re
from collections.abc import Iterator

import pytest

import flowdock
from flowdock import constructors as new
from flowdock.testing import Server
from tests.examples.conftest import Run
from tests.gate import Gate


@pytest.fixture
def builds(server: Server) -> Iterator[flowdock.Service]:
    with flowdock.connect(flow_token=server.flow_token, api_url=server.url) as service:
        yield service


def test_it_reports_messages_with_a_tag_or_a_word(run: Run, streams: Gate, bob: flowdock.Flow, place: str) -> None:
    program = run("monitor.py", place, "--tag", "#incident", "--word", "Outage")
    streams.wait_until_one_more_is_open()

    bob.send("nothing to see here")
    tagged = bob.send("please look", tags=["Incident"])
    worded = bob.send("an OUTAGE in the cellar")

    moment = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ"
    assert re.fullmatch(rf"{moment} #{tagged['id']} bob wrote: please look", program.line())
    assert re.fullmatch(rf"{moment} #{worded['id']} bob wrote: an OUTAGE in the cellar", program.line())


def test_it_reports_an_item_each_time_it_turns_red(
    run: Run, streams: Gate, builds: flowdock.Service, place: str
) -> None:
    program = run("monitor.py", place)
    streams.wait_until_one_more_is_open()

    passed, failed = new.status("green", "passed"), new.status("red", "failed")
    for status in (passed, failed, failed, passed):
        builds.present("B-1", new.author("Ray"), "built it", thread=new.thread("Build", status=status))
    builds.present("B-1", new.author("Kim"), "broke", thread=new.thread("Build", status=new.status("red", "broken")))

    assert program.line().endswith("Build is failed (by Ray)")
    assert program.line().endswith("Build is broken (by Kim)")


def test_it_tells_a_person_in_private(run: Run, streams: Gate, bob: flowdock.Flow, place: str, server: Server) -> None:
    program = run("monitor.py", place, "--word", "fire", "--tell", "alice")
    streams.wait_until_one_more_is_open()

    bob.send("fire!")
    report = program.line()
    bob.send("fire again")
    program.line()  # by then the first was sent

    with flowdock.connect(token=server.user.token, uid=server.third_user.id, api_url=server.url) as private:
        assert report in [message["content"] for message in private.list()]


def test_ctrl_c_ends_it_in_silence(run: Run, streams: Gate, place: str) -> None:
    program = run("monitor.py", place)
    streams.wait_until_one_more_is_open()

    assert program.interrupt() == (0, "")


def test_an_absent_flow_is_told_in_one_line(run: Run, server: Server) -> None:
    code, said = run("monitor.py", f"{server.org}/nowhere").end()

    assert code == 1
    assert said.count("\n") == 1
    assert "404" in said
