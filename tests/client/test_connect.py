import inspect
from pathlib import Path
from typing import Any, assert_type

import pytest

import flowdock
from flowdock.client import profile
from tests.client.flavours import Connect


@pytest.mark.parametrize(
    "keywords,kind",
    [
        ({}, "Client"),
        ({"org": "acme", "flow": "main"}, "Flow"),
        ({"uid": 42}, "Private"),
        ({"uid": "42"}, "Private"),
        ({"name": "Ray_"}, "Private"),
        ({"api_url": "https://a.example", "stream_url": "https://s.example", "timeout": 5}, "Client"),
    ],
)
def test_each_form_opens_what_it_names(connect: Connect, keywords: dict[str, Any], kind: str) -> None:
    assert repr(connect(token="t0ken", **keywords)).removeprefix("<").removeprefix("Async").startswith(f"{kind} ")


@pytest.mark.parametrize(
    "keywords,kind",
    [({"org": "acme", "flow": "main"}, "Flow"), ({"uid": 42}, "Private"), ({"name": "Ray_"}, "Private")],
)
def test_a_client_opens_what_it_is_called_with(connect: Connect, keywords: dict[str, Any], kind: str) -> None:
    client = connect(token="t0ken")

    assert repr(client(**keywords)).removeprefix("<").removeprefix("Async").startswith(f"{kind} ")


@pytest.mark.parametrize(
    "keywords,listed",
    [
        ({"token": "t", "org": "acme"}, "token, org"),
        ({"token": "t", "flow": "main"}, "token, flow"),
        ({"token": "t", "uid": 1, "name": "Ray_"}, "token, uid, name"),
        ({"token": "t", "org": "acme", "flow": "main", "uid": 1}, "token, org, flow, uid"),
        ({"token": "t", "flow_token": "f"}, "token, flow_token"),
        ({"flow_token": "f", "org": "acme", "flow": "main"}, "org, flow, flow_token"),
        ({"tokn": "t"}, "tokn"),
        ({"token": "t", "timeout": 5, "b": 1, "a": 1}, "token, timeout, a, b"),
    ],
)
def test_any_other_mix_is_a_type_error_that_says_what_is_allowed(keywords: dict[str, Any], listed: str) -> None:
    for connect in (flowdock.connect, flowdock.connect_async):
        with pytest.raises(TypeError) as caught:
            connect(**keywords)
        assert str(caught.value) == (
            "connect() takes token (or FLOWDOCK_TOKEN) or oauth, alone or with org and flow, with uid, or with name; "
            "or flow_token alone; and with any of these api_url, stream_url, timeout, deadline, proxy, ca, tracer "
            "and profile; "
            f"it was given {listed}"
        )


@pytest.mark.parametrize(
    "keywords,listed",
    [
        ({}, "none"),
        ({"org": "acme"}, "org"),
        ({"uid": 1, "name": "x"}, "uid, name"),
        ({"flow_token": "f"}, "flow_token"),
    ],
)
def test_so_it_is_with_calling_a_client(connect: Connect, keywords: dict[str, Any], listed: str) -> None:
    with pytest.raises(TypeError) as caught:
        connect(token="t0ken")(**keywords)
    assert str(caught.value) == f"client() takes org and flow, or uid, or name; it was given {listed}"


@pytest.mark.parametrize("keywords", [{"uid": None}, {"name": None}, {"org": "acme", "flow": None}])
def test_a_hole_is_not_taken_for_another_form(connect: Connect, keywords: dict[str, Any]) -> None:
    for opened in (connect, connect(token="t0ken")):
        with pytest.raises(TypeError, match=r"(uid|name|flow) is None; give a value"):
            opened(**keywords)


def test_tokens_come_from_the_environment_when_none_is_given(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWDOCK_TOKEN", "t0ken")
    monkeypatch.setenv("FLOWDOCK_FLOW_TOKEN", "s0urce")

    assert "Client" in repr(connect())
    assert "Flow" in repr(connect(token=None, org="acme", flow="main"))
    assert "Service" in repr(connect(flow_token=None))


def test_the_profile_says_where_and_as_whom(connect: Connect, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    profile.write(tmp_path / "profile.json", {"api_url": "https://chat.acme.example", "token": "t0ken"})
    monkeypatch.setenv("FLOWDOCK_PROFILE", str(tmp_path / "profile.json"))

    assert repr(connect()).endswith("Client on https://chat.acme.example>")
    with pytest.raises(flowdock.TokenMissing):
        connect(api_url="https://other.example")


@pytest.mark.parametrize(
    "keywords,text",
    [
        ({}, "no token for http://127.0.0.1:3569: give token=, or set FLOWDOCK_TOKEN, or run 'flowdock login' once"),
        ({"token": ""}, "no token for http://127.0.0.1:3569: give token=, or set FLOWDOCK_TOKEN"),
        ({"flow_token": None}, "no flow token for http://127.0.0.1:3569: give flow_token=, or set FLOWDOCK_FLOW_TOKEN"),
    ],
)
def test_no_token_is_an_error_that_says_how_to_get_one(connect: Connect, keywords: dict[str, Any], text: str) -> None:
    with pytest.raises(TypeError) as caught:
        connect(**keywords)
    assert str(caught.value).startswith(text)
    assert isinstance(caught.value, flowdock.TokenMissing)


def test_nothing_shows_its_token(connect: Connect) -> None:
    client = connect(token="t0ken")
    shown = [client, client(org="acme", flow="main"), client(org="acme", flow="main").thread("t"), client(uid=42)]

    assert not [thing for thing in [*shown, connect(flow_token="t0ken")] if "t0ken" in repr(thing)]
    assert "t0ken" not in repr(client._transport.settings)


def test_what_is_typed_is_what_comes_out() -> None:
    with flowdock.connect(token="t") as client:
        assert_type(client, flowdock.Client)
        assert_type(client(org="acme", flow="main"), flowdock.Flow)
        assert_type(client(name="Ray_"), flowdock.Private)
    assert_type(flowdock.connect(token="t", uid=42), flowdock.Private)
    assert_type(flowdock.connect(flow_token="t"), flowdock.Service)
    assert_type(flowdock.connect_async(token="t", org="acme", flow="main"), flowdock.AsyncFlow)


@pytest.mark.parametrize("name", ["Client", "Flow", "Private", "Thread", "Service"])
def test_both_flavours_have_the_same_verbs(name: str) -> None:
    plain, awaited = getattr(flowdock, name), getattr(flowdock, f"Async{name}")

    assert {verb for verb in dir(plain) if not verb.startswith("_")} == {
        verb for verb in dir(awaited) if not verb.startswith("_")
    }
    for verb in (verb for verb in dir(plain) if callable(getattr(plain, verb)) and not verb.startswith("_")):
        assert list(inspect.signature(getattr(plain, verb)).parameters) == list(
            inspect.signature(getattr(awaited, verb)).parameters
        )


@pytest.mark.parametrize(
    "owner,method,parameters",
    [
        ("Flow", "send", "self, content, tags=None, thread_id=None, *, uuid=None"),
        ("Flow", "show", "self, msg_id"),
        ("Flow", "edit", "self, msg_id, content=None, tags=None"),
        ("Flow", "delete", "self, msg_id"),
        ("Flow", "thread", "self, thread_id"),
        ("Thread", "send", "self, content, tags=None, *, uuid=None"),
        ("Private", "send", "self, content, tags=None, *, uuid=None"),
        ("Service", "present", "self, id, author, title, body=None, thread=None, *, tags=None, wait=False"),
        ("Client", "get_uid", "self, name"),
    ],
)
def test_arguments_have_the_names_and_the_order_that_programs_know(owner: str, method: str, parameters: str) -> None:
    found = inspect.signature(getattr(getattr(flowdock, owner), method))
    bare = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in found.parameters.values()]

    assert str(inspect.Signature(bare)) == f"({parameters})"


@pytest.mark.parametrize("method,first", [(flowdock.Flow.upload, "file_path"), (flowdock.Flow.download, "uri_path")])
def test_files_are_named_as_programs_know_it(method: Any, first: str) -> None:
    assert list(inspect.signature(method).parameters)[1] == first
