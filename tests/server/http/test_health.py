import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.types import Message

from flowdock.server.domain.refusals import Refusal
from flowdock.server.http.health import Health
from flowdock.server.store.transaction import Unavailable

Check = Callable[[], Awaitable[object]]


async def asked(health: Health) -> tuple[int, Any]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await health({"type": "http", "method": "GET", "path": "/health", "headers": []}, receive, send)
    return sent[0]["status"], json.loads(sent[1]["body"])


def answered(check: Check, **settings: float) -> tuple[int, Any]:
    return asyncio.run(asked(Health(check, **settings)))


async def fine() -> None:
    """The database answers."""


async def refusing() -> None:
    raise Refusal(503, "Starting or stopping; try again")


async def away() -> None:
    raise Unavailable("connection to server at db.example.com failed")


async def broken() -> None:
    raise ValueError("secret")


async def silent() -> None:
    await asyncio.Event().wait()


def test_it_is_well_while_the_database_answers() -> None:
    assert answered(fine) == (200, {"status": "ok"})


def test_it_says_why_it_takes_no_requests() -> None:
    assert answered(refusing) == (503, {"status": "unavailable", "message": "Starting or stopping; try again"})


def test_it_tells_nobody_where_the_database_is() -> None:
    status, content = answered(away)

    assert (status, content["status"]) == (503, "unavailable")
    assert "example" not in content["message"]


def test_any_other_failure_is_no_health_either() -> None:
    status, content = answered(broken)

    assert (status, content["status"]) == (503, "unavailable")
    assert "secret" not in content["message"]


def test_a_database_that_does_not_answer_is_waited_for_only_briefly() -> None:
    status, content = answered(silent, patience_seconds=0.01)

    assert (status, content["message"]) == (503, "The database did not answer within 0.01 s")


def test_many_questions_are_one_for_the_database() -> None:
    asked_times = 0
    may_answer = asyncio.Event()

    async def check() -> None:
        nonlocal asked_times
        asked_times += 1
        await may_answer.wait()

    async def ask_many() -> list[tuple[int, Any]]:
        health = Health(check)
        asking = asyncio.gather(*(asked(health) for _ in range(5)))
        await asyncio.sleep(0)
        may_answer.set()
        return [*await asking, await asked(health)]

    answers = asyncio.run(ask_many())

    assert [status for status, _ in answers] == [200] * 6
    assert asked_times == 2
