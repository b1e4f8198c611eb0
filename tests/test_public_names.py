import subprocess
import sys

import pytest

import flowdock
from flowdock import bot, testing

TESTING = [
    "Account",
    "BotTester",
    "Clock",
    "Faults",
    "Image",
    "Said",
    "Server",
    "Speaker",
    "assert_heard",
    "assert_not_heard",
    "record",
    "replay",
    "transcript",
]


def in_a_fresh_python(program: str, *options: str) -> str:
    command = [sys.executable, *options, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_these_names_are_public() -> None:
    assert flowdock.__all__ == [
        "ApiError",
        "AsyncClient",
        "AsyncFlow",
        "AsyncPages",
        "AsyncPrivate",
        "AsyncService",
        "AsyncStream",
        "AsyncThread",
        "BadSetting",
        "Client",
        "ConnectionFailed",
        "Flow",
        "FlowdockError",
        "Forbidden",
        "Gone",
        "Invalid",
        "NotFound",
        "Pages",
        "Private",
        "RateLimited",
        "ServerError",
        "Service",
        "Stream",
        "StreamBroken",
        "StreamGap",
        "Thread",
        "TimedOut",
        "TokenMissing",
        "Unauthorized",
        "UnknownName",
        "Unverified",
        "__version__",
        "actions",
        "connect",
        "connect_async",
        "constructors",
        "oauth",
    ]


def test_these_names_of_bots_and_of_the_test_kit_are_public() -> None:
    assert bot.__all__ == [
        "Bot",
        "Filter",
        "Message",
        "PlainBot",
        "PlainMessage",
        "State",
        "in_flow",
        "in_private",
        "in_thread",
        "mentioning_me",
        "of_event",
        "sent_by",
        "tagged",
        "with_status",
    ]
    assert testing.__all__ == TESTING


@pytest.mark.parametrize("name", [name for name in flowdock.__all__ if name != "__version__"])
def test_each_public_name_is_there_and_is_found_by_looking_around(name: str) -> None:
    assert getattr(flowdock, name) is not None
    assert name in dir(flowdock)


def test_any_other_name_is_an_ordinary_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'flowdock' has no attribute 'conect'"):
        flowdock.conect  # noqa: B018


def test_importing_loads_no_server_and_not_even_the_http_client_library() -> None:
    loaded = in_a_fresh_python("import flowdock, sys; print(*sys.modules)").split()

    assert "flowdock.constructors" in loaded
    heavy = {"flowdock.server", "flowdock.cli", "flowdock.client", "httpx2", "msgspec", "starlette"}
    assert heavy.intersection(loaded) == set()


def test_talking_needs_the_http_client_library_and_nothing_of_the_server() -> None:
    loaded = in_a_fresh_python("import flowdock, sys; flowdock.connect(token='t'); print(*sys.modules)").split()

    assert "httpx2" in loaded
    heavy = {"flowdock.server", "flowdock.cli", "msgspec", "starlette", "uvicorn", "typer", "rich"}
    assert heavy.intersection(loaded) == set()


def test_refusals_are_raised_under_optimisation_too() -> None:
    program = """
import flowdock
from flowdock import constructors as new
from flowdock.protocol.errors import from_answer

for wrong in (lambda: new.status("pink", "x"), lambda: flowdock.connect(tokn="x"), lambda: flowdock.connect(uid=None)):
    try:
        wrong()
    except TypeError:
        print("raised")
try:
    raise from_answer(404, b"{}")
except AssertionError as error:
    print(error.args)
"""
    assert in_a_fresh_python(program, "-O").split("\n") == ["raised", "raised", "raised", "(404, b'{}')"]
