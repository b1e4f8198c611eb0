"""The chat, driven with keys, against the real server; somebody else writes meanwhile."""

import itertools
import unicodedata
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest

import flowdock
from flowdock import Flow
from flowdock import constructors as new
from flowdock.cli.chat.colours import DAY
from flowdock.cli.chat.jumping import KEYS
from flowdock.protocol.types import Colour
from flowdock.testing import Server
from tests.cli.chat.watching import Watched, run, watching

NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("server")) as running:
        yield running


@dataclass(frozen=True)
class Room:
    """A flow of the test's own, in which alice watches and bob writes."""

    server: Server
    name: str
    bob: Flow
    alice: Flow

    def watching(self, size: tuple[int, int] = (100, 30)) -> AbstractAsyncContextManager[Watched]:
        return watching(self.server, self.server.user, place=self.name, size=size)


@pytest.fixture
def room(server: Server) -> Iterator[Room]:
    with (
        flowdock.connect(token=server.user.token, api_url=server.url) as alice,
        flowdock.connect(token=server.second_user.token, api_url=server.url) as bob,
    ):
        name = alice.create_flow(server.org, f"Room {next(NUMBERS)}")["parameterized_name"]
        own = alice(org=server.org, flow=name)
        own.add_user(server.second_user.id)
        yield Room(server, f"{server.org}/{name}", bob(org=server.org, flow=name), own)


def test_what_others_say_is_seen_as_they_say_it(room: Room) -> None:
    async def scenario() -> None:
        room.bob.send("said before")
        async with room.watching() as chat:
            await chat.sees("said before")
            room.bob.send("said **now**, @alice")
            await chat.sees("bob    said now, @alice")

    run(scenario())


def test_changes_are_made_in_place(room: Room) -> None:
    async def scenario() -> None:
        said = room.bob.send("first words")
        gone = room.bob.send("something foolish")
        async with room.watching() as chat:
            await chat.sees("something foolish")
            before = len(chat.messages)
            room.bob.edit(said["id"], "better words", tags=["todo"])
            room.bob.delete(gone["id"])
            room.bob.react(said["id"], "tada")
            await chat.sees("🎉 1")
            await chat.sees("#todo")
            assert chat.count("better words (edited)") == chat.count("took this back") == 1
            assert not chat.count("first words") + chat.count("foolish")
            assert len(chat.messages) == before + 2
            room.bob.unreact(said["id"], "tada")
            await chat.until(lambda: "🎉" not in chat.screen)

    run(scenario())


def test_an_inbox_item_shows_its_status_as_it_is_now(room: Room) -> None:
    async def scenario() -> None:
        source = room.alice.create_source("Tracker")
        with flowdock.connect(flow_token=source["flow_token"], api_url=room.server.url) as service:

            def present(status: str, colour: Colour) -> None:
                thread = new.thread(
                    "Checkout fails", status=new.status(colour, status), fields=[new.field("Severity", "high")]
                )
                service.present("T-1", author=new.author("Ray"), title=f"set {status}", thread=thread)

            present("open", "red")
            async with room.watching() as chat:
                await chat.sees("set open: Checkout fails [open]")
                present("closed", "green")
                await chat.until(lambda: chat.count("[closed]") == 2)
                assert not chat.count("[open]")
                await chat.choose("set open")
                await chat.sees("[closed] ")
                await chat.sees("Severity: high")

    run(scenario())


def test_choosing_a_message_opens_its_thread_and_one_answers_there(room: Room) -> None:
    async def scenario() -> None:
        first = room.bob.send("Is it up?")
        room.bob.send("Something else")
        room.bob.thread(first["thread_id"]).send("anybody?")
        async with room.watching() as chat:
            await chat.choose("anybody?")
            await chat.sees("Reply in")
            assert chat.app.timeline.lit == first["thread_id"]
            assert not any("Something else" in line for line in chat.thread)
            assert any("Is it up?" in line for line in chat.thread)

            await chat.press("enter")
            await chat.say("It is")
            await chat.until(lambda: any("It is" in line and "sending" not in line for line in chat.thread))
            await chat.until(lambda: not chat.app.talk.current.outgoing)  # type: ignore[union-attr]
            assert room.alice.list(limit=1)[0]["thread_id"] == first["thread_id"]

            await chat.press("escape")
            assert not chat.app.pane.display
            assert chat.app.composer.field.has_focus

    run(scenario())


def test_a_click_on_a_bubble_opens_the_thread(room: Room) -> None:
    async def scenario() -> None:
        said = room.bob.send("click me")
        async with room.watching() as chat:
            await chat.sees("click me")
            row = next(at for at, line in enumerate(chat.messages) if "click me" in line)
            await chat.pilot.click("#timeline", offset=(1, row - chat.app.timeline.scroll_offset.y))
            await chat.until(lambda: chat.app.pane.thread_id == said["thread_id"])

    run(scenario())


def test_neighbouring_threads_have_different_bubbles(room: Room) -> None:
    async def scenario() -> None:
        for number in range(30):
            room.bob.send(f"thread {number}")
        async with room.watching() as chat:
            await chat.sees("thread 29")
            tones = chat.app.talk.current.history.tones  # type: ignore[union-attr]
            threads = [row.thread_id for row in chat.app.timeline._rows if row.thread_id]
            assert all(len({tones[one] for one in threads[at : at + 5]}) == 5 for at in range(len(threads) - 5))
            before = dict(tones)
            room.bob.thread(threads[0]).send("awake again")
            await chat.sees("awake again")
            assert {one: tones[one] for one in before} == before

    run(scenario())


def test_what_is_refused_stays_with_its_reason(room: Room) -> None:
    async def scenario() -> None:
        async with room.watching() as chat:
            chat.app.composer.write("x" * 8097)
            await chat.press("enter")
            await chat.sees("not sent: content is too long (8097 characters")
            await chat.press("ctrl+q")
            await chat.sees("not sent yet: 1; Ctrl-Q again")
            assert chat.app.is_running
            await chat.press("ctrl+g")
            await chat.until(lambda: "xxx" not in "".join(chat.messages))

    run(scenario())


def test_words_are_completed(room: Room) -> None:
    async def scenario() -> None:
        room.bob.send("tagged", tags=["release"])
        async with room.watching() as chat:
            await chat.sees("#release")
            text = chat.app.composer.field
            for typed, key, completed in (
                ("hi @bo", "tab", "hi @bob "),
                ("#rel", "tab", "#release "),
                ("#rel", "enter", ""),
                (":tad", "enter", ":tada: "),
                ("/sta", "tab", "/status "),
                ("no@bo", "enter", ""),
            ):
                chat.app.composer.write("")
                await chat.write(typed)
                await chat.press(key)
                assert text.text == completed
            await chat.until(lambda: not chat.app.talk.current.outgoing)  # type: ignore[union-attr]
            assert [one["content"] for one in room.alice.list(limit=2)] == ["#rel", "no@bo"]

    run(scenario())


def test_a_text_may_have_lines_and_each_thread_keeps_its_draft(room: Room) -> None:
    async def scenario() -> None:
        said = room.bob.send("one thread")
        other = room.bob.send("other thread")
        async with room.watching() as chat:
            await chat.write("two\nlines")
            assert chat.app.composer.text == "two\nlines"
            await chat.choose("one thread")
            await chat.press("enter")
            await chat.write("an answer")
            await chat.choose("other thread")
            await chat.until(lambda: chat.app.pane.thread_id == other["thread_id"])
            assert chat.app.pane.composer.text == ""
            await chat.choose("one thread")
            await chat.until(lambda: chat.app.pane.thread_id == said["thread_id"])
            assert chat.app.pane.composer.text == "an answer"
            assert chat.app.composer.text == "two\nlines"

    run(scenario())


def test_arrow_up_edits_the_last_thing_one_said(room: Room) -> None:
    async def scenario() -> None:
        mine = room.alice.send("a tpyo")
        room.bob.send("said by bob")
        async with room.watching() as chat:
            await chat.sees("a tpyo")
            await chat.press("up")
            await chat.sees(f"Editing your message {mine['id']}")
            await chat.press("escape")
            assert chat.app.composer.text == ""
            await chat.press("up", *(["backspace"] * 4))
            await chat.say("typo")
            await chat.sees("a typo (edited)")
            assert room.bob.show(mine["id"])["content"] == "a typo"

    run(scenario())


def test_commands_do_what_they_say(room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    monkeypatch.chdir(tmp_path)

    async def scenario() -> None:
        async with room.watching() as chat:
            await chat.say("/me waves")
            await chat.say("/status at lunch")
            await chat.say("//usr is a folder")
            await chat.say("/upload notes.txt")
            await chat.sees("⇩ notes.txt  5 B")
            await chat.sees("/usr is a folder")
            assert [one["event"] for one in room.bob.list(limit=4)] == ["line", "status", "message", "file"]
            await chat.choose("notes.txt")
            await chat.press("d")
            await chat.until((tmp_path / "notes (1).txt").exists)
            await chat.press("escape")
            await chat.say("/dance")
            await chat.sees("there is no command '/dance'")
            assert chat.app.composer.text == "/dance"

    run(scenario())
    assert (tmp_path / "notes (1).txt").read_text() == "hello"


def test_lines_are_broken_by_keys(room: Room) -> None:
    async def scenario() -> None:
        async with room.watching() as chat:
            await chat.press("a", "ctrl+j", "b", "alt+enter", "c", "shift+enter", "d")
            assert chat.app.composer.text == "a\nb\nc\nd"

    run(scenario())


def test_flows_count_what_waits_and_one_goes_there_by_a_few_letters(room: Room, server: Server) -> None:
    async def scenario() -> None:
        async with watching(server, server.user, place=f"{server.org}/main") as chat:
            name = room.name.partition("/")[2]
            await chat.write("a draft for main")
            room.bob.send("psst")
            room.bob.send("@alice, over here")
            await chat.until(lambda: any(name in line and " 2 " in line for line in chat.screen.split("\n")))

            await chat.press("ctrl+k", *name, "enter")
            await chat.sees("over here")
            assert chat.app.composer.text == ""
            assert [line[:6].strip() for line in chat.messages if line.startswith("── new")] == ["── new"]
            await chat.until(lambda: room.alice.unread()["count"] == 0)
            await chat.press("ctrl+k", *"main", "enter")
            await chat.until(lambda: chat.app.composer.text == "a draft for main")

    run(scenario())


def test_private_conversations_are_places_too(server: Server) -> None:
    async def scenario() -> None:
        with flowdock.connect(token=server.second_user.token, uid=server.user.id, api_url=server.url) as private:
            async with watching(server, server.user) as chat:
                private.send("just between us")
                await chat.sees("@bob")
                await chat.press("ctrl+n")
                await chat.sees("just between us")
                await chat.sees("To @bob")
                await chat.say("of course")
                await chat.until(lambda: private.list(limit=1)[0]["content"] == "of course")
                assert chat.count("of course") == 1

    run(scenario())


def test_a_message_that_was_found_is_gone_to(room: Room) -> None:
    async def scenario() -> None:
        found = room.bob.send("the xylophone is in the cellar")
        for number in range(70):
            room.bob.send(f"and {number}")
        async with room.watching() as chat:
            await chat.sees("and 69")
            assert not chat.count("xylophone")
            await chat.press("ctrl+f", *"xylo*", "enter")
            await chat.sees("bob: the xylophone")
            await chat.press("enter")
            await chat.until(lambda: chat.app.timeline.chosen == found["id"])
            await chat.sees("bob    the xylophone")
            assert chat.app.pane.thread_id == found["thread_id"]

    run(scenario())


def test_older_messages_come_while_one_reads_upwards(room: Room) -> None:
    async def scenario() -> None:
        for number in range(130):
            room.bob.send(f"number {number}.")
        async with room.watching() as chat:
            await chat.sees("number 129.")
            assert not chat.count("number 60.")
            timeline = chat.app.timeline
            timeline.scroll_to(y=2, animate=False, immediate=True)
            top = chat.messages[2]
            await chat.until(lambda: chat.count("number 60."))
            assert chat.messages[timeline.scroll_offset.y] == top
            room.bob.send("below")
            await chat.until(lambda: chat.count("below"))
            assert chat.messages[timeline.scroll_offset.y] == top
            timeline.scroll_home(animate=False, immediate=True)
            await chat.until(lambda: chat.count("number 0."))
            assert [chat.count(f"number {number}.") for number in range(130)] == [1] * 130

    run(scenario())


def test_one_sees_who_is_writing(room: Room) -> None:
    async def scenario() -> None:
        async with room.watching() as chat:
            room.bob.typing()
            await chat.sees("bob is writing…")
            room.bob.send("done")
            await chat.until(lambda: "writing" not in chat.screen)

    run(scenario())


HOSTILE = (
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b2J \r\x08",
    "[bold red]markup[/] [link=file:///etc/passwd]here[/link] [@click=app.quit]x[/]",
    "x" * 500,
    "שלום \u202eabc\u2066 עולם " * 9,
    "👩\u200d👩\u200d👧 你好世界 e" + "\u0301" * 60,
    "```\n\tcode\n``` `unfinished **bold [a](http://" + "(" * 200,
)


@pytest.mark.parametrize("size", [(80, 24), (200, 60), (45, 12)])
def test_hostile_texts_stay_in_their_place_and_are_never_obeyed(room: Room, size: tuple[int, int]) -> None:
    async def scenario() -> None:
        for text in HOSTILE:
            said = room.bob.send(text)
            room.alice.thread(said["thread_id"]).send("who wrote this?")
        async with room.watching(size) as chat:
            await chat.until(lambda: chat.count("who wrote this?") == len(HOSTILE))
            timeline = chat.app.timeline
            timeline.focus()
            for _ in range(4):
                await chat.press("up")
                strips = chat.app.screen._compositor.render_strips()
                assert {strip.cell_length for strip in strips} == {size[0]}
                assert not [one for one in chat.screen if one != "\n" and unicodedata.category(one) == "Cc"]
                assert not set(chat.screen) & set("\u202a\u202b\u202d\u202e\u2066\u2067")
            assert max(row.strip.cell_length for row in timeline._rows) <= timeline.size.width
            await chat.press("enter")
            await chat.sees("Reply in")
            await chat.press("ctrl+k")
            assert {strip.cell_length for strip in chat.app.screen._compositor.render_strips()} == {size[0]}

    run(scenario())


def test_keys_are_shown_and_colours_turned(room: Room) -> None:
    async def scenario() -> None:
        async with room.watching((80, 24)) as chat:
            await chat.press("f1")
            for line in KEYS.splitlines():
                await chat.sees(line.strip())
            await chat.press("escape", "ctrl+t")
            assert chat.app.timeline.palette is DAY
            chat.app.timeline.focus()
            await chat.press("question_mark")
            await chat.sees("Ctrl-J         break the line")

    run(scenario())
