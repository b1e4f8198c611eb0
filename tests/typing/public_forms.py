"""What type checkers know of the public names. Nothing here is run: mypy and basedpyright read it."""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, assert_type

import flowdock
from flowdock import constructors as new
from flowdock.bot import Bot, Message, State
from flowdock.protocol.errors import FlowdockError
from flowdock.protocol.types import Event, Flow, Thread, User
from flowdock.protocol.types import Message as Said
from flowdock.testing import BotTester, Server, assert_heard


def every_form_of_connect_is_known() -> None:
    assert_type(flowdock.connect(), flowdock.Client)
    assert_type(flowdock.connect(token="t"), flowdock.Client)
    assert_type(flowdock.connect(token="t", api_url="https://flowdock.example.com", timeout=5), flowdock.Client)
    assert_type(flowdock.connect(org="acme", flow="main"), flowdock.Flow)
    assert_type(flowdock.connect(token="t", org="acme", flow="main", ca=Path("ca.pem")), flowdock.Flow)
    assert_type(flowdock.connect(token="t", uid=42), flowdock.Private)
    assert_type(flowdock.connect(token="t", name="Ray_"), flowdock.Private)
    assert_type(flowdock.connect(flow_token=None), flowdock.Service)
    assert_type(flowdock.connect_async(token="t"), flowdock.AsyncClient)
    assert_type(flowdock.connect_async(org="acme", flow="main"), flowdock.AsyncFlow)


def wrong_forms_of_connect_are_errors() -> None:
    flowdock.connect(org="acme")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    flowdock.connect(tokn="t")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    flowdock.connect(token=42)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]


def a_client_gives_flows_and_conversations(client: flowdock.Client) -> None:
    assert_type(client(org="acme", flow="main"), flowdock.Flow)
    assert_type(client(uid=42), flowdock.Private)
    assert_type(client.me(), User)
    assert_type(client.flows(), list[Flow])
    assert_type(client.events(private=True), flowdock.Stream)
    client(org="acme")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]


def answers_are_dictionaries_with_known_members(flow: flowdock.Flow) -> None:
    said = flow.send("Hello", tags=["greeting"])
    assert_type(said, Said)
    assert_type(said["id"], int)
    assert_type(said["tags"], list[str])
    if said["event"] == "message":
        assert_type(said["content"], str)
    assert_type(flow.show(7), Said)
    assert_type(flow.threads(limit=5), list[Thread])
    assert_type(flow.thread("t1"), flowdock.Thread)
    said["nothing"]  # type: ignore[typeddict-item]  # pyright: ignore[reportGeneralTypeIssues]
    flow.list(lmit=5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def downloads_give_what_was_asked_for(flow: flowdock.Flow) -> None:
    assert_type(flow.download("/files/1/x"), bytes)
    assert_type(flow.download("/files/1/x", to="plans/"), Path)
    assert_type(flow.download("/files/1/x", to=BytesIO()), None)


def streams_give_events(flow: flowdock.Flow) -> None:
    def note(state: str, failure: FlowdockError | None) -> None:
        assert_type(failure, FlowdockError | None)
        del state

    with flow.events(since=7, checkpoint="seen.db", on_state=note) as stream:
        for event in stream:
            assert_type(event, Event)
            assert_type(stream.cursor, str | None)
    flow.events(since=1.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def the_other_flavour_is_awaited(flow: flowdock.AsyncFlow) -> None:
    assert_type(await flow.send("Hello"), Said)
    async with flow.events() as stream:
        async for event in stream:
            assert_type(event, Event)


def an_integration_presents(service: flowdock.Service) -> None:
    service.present(
        "ITEM-1",
        author=new.author("Ray"),
        title="created item",
        thread=new.thread("Item 1", status=new.status("green", "done"), fields=[new.field("size", "small")]),
    )
    new.status("geen", "done")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def a_bot_is_decorated() -> None:
    bot = Bot(flows=["acme/main"], health="127.0.0.1:8080")

    @bot.hears(r"deploy (?P<service>\w+)", flow="acme/main", sender="alice")
    async def deploy(message: Message, service: str, state: State) -> None:
        answer = await message.ask(f"Which version of {service}?")
        assert_type(answer, Message)
        assert_type(await message.reply("deploying"), Said)
        state["asked"] = 1

    # What is decorated stays what it was.
    async def call(message: Message, state: State) -> None:
        await deploy(message, "web", state)

    @bot.on("tag-change", tag="urgent")
    def alarm(event: Mapping[str, Any]) -> None:
        assert_type(event, Mapping[str, Any])

    alarm({"content": ""})
    bot.on("message", threads="t")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    bot.on("message")(call)


def a_bot_is_tested(bot: Bot, server: Server, flow: flowdock.Flow) -> None:
    with BotTester(bot, server) as tester:
        assert_type(tester.ask("deploy web").reply, str)
    assert_type(assert_heard(flow, "deploying"), Mapping[str, Any])


def errors_are_one_tree(flow: flowdock.Flow) -> None:
    try:
        flow.send("")
    except flowdock.RateLimited as error:
        assert_type(error.retry_after, float | None)
    except flowdock.Invalid as error:
        assert_type(error.errors, dict[str, list[str]])
    except AssertionError as error:  # as programs for the old wrapper do
        assert_type(error.args, tuple[Any, ...])
