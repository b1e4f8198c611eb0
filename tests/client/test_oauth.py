"""What an application does with `flowdock.oauth`, against the real server."""

import asyncio
import json
import threading
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

import flowdock
from flowdock.oauth import OUT_OF_BAND, AsyncOAuth, Authorization, OAuth
from flowdock.protocol.resources import AccessToken
from flowdock.testing import Server
from tests.client.flavours import Connect
from tests.contract.browser import Browser
from tests.contract.oauth import BACK, EMAIL, PASSWORD, Application, make_zoe, register

SCOPES = ["flow", "private", "offline_access"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("oauth")) as running:
        yield running


@pytest.fixture(scope="module")
def application(server: Server) -> Application:
    make_zoe(server)
    return register(server)


@pytest.fixture
def keywords(server: Server, application: Application) -> dict[str, Any]:
    """What an application knows of itself."""
    return {**application.credentials, "redirect_uri": BACK, "api_url": server.url}


def allowed(server: Server, asked: Authorization) -> str:
    """The code that zoe's browser brings back when she allows what is asked."""
    browser = Browser(server.url)
    browser.open(asked.url.removeprefix(server.url))
    browser.sign_in(EMAIL, PASSWORD)
    browser.submit("/oauth/authorize", decision="approve")
    assert browser.told["state"] == asked.state
    return browser.told["code"]


def end(application: Application, tokens: AccessToken | None) -> None:
    """End the access token, as time would, and nothing else."""
    assert tokens is not None
    assert application.post("/oauth/revoke", {**application.credentials, "token": tokens["access_token"]}).status == 200


def test_a_person_is_sent_to_a_page_that_only_the_asker_can_use() -> None:
    asked = OAuth(client_id="c", redirect_uri=BACK, api_url="https://a.example").authorize_url("flow,private")

    query = parse_qs(urlsplit(asked.url).query)
    challenge = urlsafe_b64encode(sha256(asked.verifier.encode()).digest()).decode().rstrip("=")
    assert asked.url.startswith("https://a.example/oauth/authorize?")
    assert query == {
        "client_id": ["c"],
        "response_type": ["code"],
        "redirect_uri": [BACK],
        "scope": ["flow private"],
        "state": [asked.state],
        "code_challenge": [challenge],
        "code_challenge_method": ["S256"],
    }


def test_each_person_gets_a_state_and_a_verifier_of_their_own() -> None:
    oauth = OAuth(client_id="c")
    one, other = oauth.authorize_url(), oauth.authorize_url()

    assert one.state != other.state
    assert one.verifier != other.verifier
    assert OAuth(client_id="c").authorize_url(state="mine").state == "mine"
    assert OUT_OF_BAND in parse_qs(urlsplit(one.url).query)["redirect_uri"]


def test_what_a_person_allowed_is_what_one_may_do(
    server: Server, authorize: Connect, connect: Connect, keywords: dict[str, Any]
) -> None:
    oauth = authorize(**keywords)
    asked = oauth.authorize_url(SCOPES)

    tokens = oauth.exchange(allowed(server, asked), verifier=asked.verifier)

    assert tokens == oauth.tokens
    assert connect(oauth=oauth).me()["nick"] == "zoe"
    with pytest.raises(flowdock.Forbidden, match="one of scope manage"):
        connect(oauth=oauth).create_flow(server.org, "Mine")


def test_a_code_is_worth_nothing_with_another_verifier(
    server: Server, authorize: Connect, keywords: dict[str, Any]
) -> None:
    oauth = authorize(**keywords)
    code = allowed(server, oauth.authorize_url(SCOPES))

    with pytest.raises(flowdock.Invalid, match="code_verifier does not fit"):
        oauth.exchange(code, verifier=oauth.authorize_url().verifier)
    assert oauth.tokens is None


def test_when_the_access_token_has_ended_it_is_refreshed_and_the_request_repeated(
    server: Server, application: Application, authorize: Connect, connect: Connect, keywords: dict[str, Any]
) -> None:
    kept: list[AccessToken] = []
    oauth = authorize(**keywords, store=kept.append)
    first = oauth.password(EMAIL, PASSWORD, SCOPES)
    flow = connect(oauth=oauth, org=server.org, flow=server.flow)
    end(application, first)

    sent = flow.send("Hello")

    assert flow.show(sent["id"])["content"] == "Hello"
    assert kept == [first, oauth.tokens]
    assert kept[1]["refresh_token"] != first["refresh_token"]


def test_an_upload_is_repeated_whole(
    server: Server, application: Application, authorize: Connect, connect: Connect, keywords: dict[str, Any]
) -> None:
    oauth = authorize(**keywords)
    oauth.password(EMAIL, PASSWORD, SCOPES)
    flow = connect(oauth=oauth, org=server.org, flow=server.flow)
    end(application, oauth.tokens)

    file = flow.upload(__file__)

    end(application, oauth.tokens)
    assert flow.download(file["content"]["path"]) == Path(__file__).read_bytes()


def test_a_stream_is_opened_with_a_refreshed_token(
    server: Server, application: Application, authorize: Connect, connect: Connect, keywords: dict[str, Any]
) -> None:
    oauth = authorize(**keywords)
    oauth.password(EMAIL, PASSWORD, SCOPES)
    flow = connect(oauth=oauth, org=server.org, flow=server.flow)
    end(application, oauth.tokens)

    heard, other = threading.Event(), flowdock.connect(token=server.user.token, api_url=server.url)

    def talk() -> None:
        with other:
            while not heard.wait(0.05):
                other(org=server.org, flow=server.flow).send("is anybody there?")

    talking = threading.Thread(target=talk)
    talking.start()
    with closing(flow.events()) as events:
        event = next(events)
        heard.set()
        talking.join()

    assert event["content"] == "is anybody there?"


def test_many_at_once_refresh_it_once(application: Application, keywords: dict[str, Any]) -> None:
    kept: list[AccessToken] = []
    oauth = OAuth(**keywords, store=kept.append)
    end(application, oauth.password(EMAIL, PASSWORD, SCOPES))

    with flowdock.connect(oauth=oauth) as client, ThreadPoolExecutor(8) as threads:
        nicks = {user["nick"] for user in threads.map(lambda _: client.me(), range(16))}

    assert (nicks, len(kept)) == ({"zoe"}, 2)


def test_many_awaited_at_once_refresh_it_once(application: Application, keywords: dict[str, Any]) -> None:
    kept: list[AccessToken] = []

    async def asked() -> set[str]:
        oauth = AsyncOAuth(**keywords, store=kept.append)
        end(application, await oauth.password(EMAIL, PASSWORD, SCOPES))
        async with flowdock.connect_async(oauth=oauth) as client:
            return {user["nick"] for user in await asyncio.gather(*(client.me() for _ in range(16)))}

    assert (asyncio.run(asked()), len(kept)) == ({"zoe"}, 2)


def test_without_a_refresh_token_the_end_is_the_end(
    application: Application, authorize: Connect, connect: Connect, keywords: dict[str, Any]
) -> None:
    oauth = authorize(**keywords)
    end(application, oauth.password(EMAIL, PASSWORD, "flow"))

    with pytest.raises(flowdock.Unauthorized):
        connect(oauth=oauth).me()
    with pytest.raises(flowdock.TokenMissing, match="ask for the scope offline_access"):
        oauth.refresh()


def test_tokens_that_cannot_be_stored_are_not_used_and_not_lost(
    application: Application, authorize: Connect, connect: Connect, keywords: dict[str, Any]
) -> None:
    def full(_tokens: AccessToken) -> None:
        raise OSError("the disk is full")

    begun = authorize(**keywords).password(EMAIL, PASSWORD, SCOPES)
    oauth = authorize(**keywords, tokens=begun, store=full)
    end(application, begun)

    with pytest.raises(OSError, match="the disk is full"):
        connect(oauth=oauth).me()
    assert oauth.tokens["refresh_token"] != begun["refresh_token"]


def test_a_file_keeps_tokens_for_the_next_program(
    application: Application, authorize: Connect, connect: Connect, keywords: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "kept" / "tokens.json"
    end(application, authorize(**keywords, store=path).password(EMAIL, PASSWORD, SCOPES))

    assert connect(oauth=authorize(**keywords, store=str(path))).me()["nick"] == "zoe"
    assert path.stat().st_mode & 0o777 == 0o600
    assert json.loads(path.read_text())["scope"] == "flow,private,offline_access"


def test_of_two_programs_with_one_file_the_second_takes_what_the_first_was_given(
    application: Application, authorize: Connect, connect: Connect, keywords: dict[str, Any], tmp_path: Path
) -> None:
    one, other = (authorize(**keywords, store=tmp_path / "tokens.json") for _ in range(2))
    end(application, one.password(EMAIL, PASSWORD, SCOPES))
    assert other.tokens == one.tokens

    refreshed = one.refresh()

    assert connect(oauth=other).me()["nick"] == "zoe"
    assert other.tokens == refreshed


def test_what_is_given_back_is_over_and_forgotten(
    authorize: Connect, connect: Connect, keywords: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "tokens.json"
    oauth = authorize(**keywords, store=path)
    tokens = oauth.password(EMAIL, PASSWORD, SCOPES)

    oauth.revoke()

    assert not path.exists()
    with pytest.raises(flowdock.TokenMissing, match="send people to authorize_url"):
        connect(oauth=oauth).me()
    with pytest.raises(flowdock.ApiError, match="there is no such refresh token"):
        connect(oauth=authorize(**keywords, tokens=tokens)).me()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"access_token": 7}'])
def test_a_file_that_holds_something_else_is_an_error_that_says_so(tmp_path: Path, content: str) -> None:
    path = tmp_path / "tokens.json"
    path.write_text(content)

    with pytest.raises(flowdock.BadSetting, match=r"tokens\.json.*; remove it and ask for"):
        _ = OAuth(client_id="c", store=path).tokens


def test_nothing_shows_its_secrets(authorize: Connect, keywords: dict[str, Any]) -> None:
    oauth = authorize(**keywords)
    asked = oauth.authorize_url()

    assert keywords["client_secret"] not in repr(oauth)
    assert asked.verifier not in repr(asked)


@pytest.mark.parametrize("wrong", [{"token": "t"}, {"flow_token": "f"}, {"org": "acme"}])
def test_it_stands_in_the_place_of_a_token(connect: Connect, authorize: Connect, wrong: dict[str, str]) -> None:
    oauth = authorize(client_id="c")

    assert "Client" in repr(connect(oauth=oauth, token=None))
    assert "Flow" in repr(connect(oauth=oauth, org="acme", flow="main"))
    with pytest.raises(TypeError, match=r"^connect\(\) takes token \(or FLOWDOCK_TOKEN\) or oauth, alone or with"):
        connect(oauth=oauth, **wrong)
