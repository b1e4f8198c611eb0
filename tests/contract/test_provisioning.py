"""Provisioning by a SCIM 1.1 client of somebody else's, and by hand where that would not misbehave."""

from pathlib import Path
from typing import Any

import pytest
from slack_scim import SCIMApiError, SCIMClient  # type: ignore[import-untyped]

from flowdock.server.actions import setting_up
from flowdock.server.http.credentials import WRONG_SCIM_TOKENS
from flowdock.testing import Server
from tests.contract.plain import Answer, Caller, basic


@pytest.fixture(scope="module")
def access(server: Server) -> Any:
    """Where and with what a provisioner comes in."""
    return Caller(server.url, basic(server.user.token)).post(f"/organizations/{server.org}/scim").json


@pytest.fixture
def scim(access: Any) -> Caller:
    return Caller(access["url"].partition("/scim")[0], bearer(access["token"]))


@pytest.fixture
def users(access: Any) -> str:
    return f"{path(access)}/Users"


@pytest.fixture
def client(access: Any) -> SCIMClient:
    return SCIMClient(access["token"], base_url=access["url"])


@pytest.fixture
def name(server: Server) -> str:
    """One that nobody has."""
    return f"n{server.do(lambda tx: tx.entropy(6)).hex()}"


def path(access: Any) -> str:
    return "/scim/" + str(access["url"]).rpartition("/")[2]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def make(scim: Caller, users: str, called: str, **more: Any) -> Any:
    answer = scim.post(users, userName=called, emails=[{"value": f"{called}@example.com"}], **more)
    assert answer.status == 201, answer
    return answer.json


def token_of(server: Server, user_id: str) -> dict[str, str]:
    return basic(server.do(lambda tx: setting_up.create_token(tx, user_id=int(user_id), label="test")))


def test_the_address_and_the_token_are_right(access: Any, scim: Caller) -> None:
    answer = scim.get(path(access))

    assert (answer.status, answer.json) == (200, {"message": "Authorization ok"})


def test_another_client_makes_finds_changes_and_removes_somebody(client: SCIMClient, name: str) -> None:
    email = f"{name}@example.com"
    made = client.create_user(
        {
            "userName": email,
            "nickName": name,
            "externalId": f"x-{name}",
            "active": True,
            "name": {"givenName": "Ada", "familyName": "King of Lovelace"},
            "emails": [{"value": email, "primary": True}],
        }
    )
    found = client.search_users(filter=f'userName eq "{email}"')
    assert [one.id for one in found.resources] == [made.id]
    assert (found.resources[0].name.given_name, found.resources[0].name.family_name) == ("Ada", "King of Lovelace")

    changed = client.update_user(made.id, {"name": {"givenName": "Augusta"}, "nickName": f"{name}2"})
    assert (changed.name.given_name, changed.nick_name, changed.user_name) == ("Augusta", f"{name}2", email)
    assert client.read_user(made.id).external_id == f"x-{name}"

    client.delete_user(made.id)
    with pytest.raises(SCIMApiError) as refused:
        client.read_user(made.id)
    assert refused.value.status == 404


def test_somebody_is_shown_whole(scim: Caller, users: str, access: Any, name: str) -> None:
    made = make(scim, users, name, externalId=name, name={"formatted": "Ada King Lovelace"})

    meta = made.pop("meta")
    assert made == {
        "schemas": ["urn:scim:schemas:core:1.0"],
        "id": made["id"],
        "externalId": name,
        "userName": name,
        "name": {"givenName": "Ada", "familyName": "King Lovelace", "formatted": "Ada King Lovelace"},
        "displayName": "Ada King Lovelace",
        "nickName": name,
        "emails": [{"value": f"{name}@example.com", "primary": True}],
        "active": True,
    }
    assert meta["location"] == f"{access['url']}/Users/{made['id']}"
    assert scim.get(f"{users}/{made['id']}").json == made | {"meta": meta}


def test_who_is_made_is_of_the_organization_and_signs_in(server: Server, scim: Caller, users: str, name: str) -> None:
    made = make(scim, users, name, password="correct horse")

    answer = Caller(server.url, basic(f"{name}@example.com", "correct horse")).get(f"/organizations/{server.org}")

    assert answer.status == 200
    assert answer.headers["Flowdock-User"] == made["id"]


@pytest.mark.parametrize("attribute", ["userName", "USERNAME", "emails", "emails.value", "externalId"])
def test_people_are_found_by_what_they_are_called(scim: Caller, users: str, name: str, attribute: str) -> None:
    made = make(scim, users, name, externalId=f"{name}@example.com")

    found = scim.get(users, filter=f'{attribute} eq "{name}@example.com"').json

    assert (found["totalResults"], [one["id"] for one in found["Resources"]]) == (1, [made["id"]])


@pytest.mark.parametrize("wrong", ["userName", 'userName co "a"', 'groups eq "a"', 'id eq "1" or id eq "2"', "'", '"'])
def test_what_is_no_filter_is_refused(scim: Caller, users: str, wrong: str) -> None:
    answer = scim.get(users, filter=wrong)

    assert (answer.status, [*answer.json["errors"]]) == (400, ["filter"])


def test_people_come_in_pages(scim: Caller, users: str, name: str) -> None:
    make(scim, users, name)
    everybody = scim.get(users).json

    page = scim.get(users, startIndex=2, count=1).json

    assert page["Resources"] == everybody["Resources"][1:2]
    assert (page["totalResults"], page["startIndex"], page["itemsPerPage"]) == (everybody["totalResults"], 2, 1)
    assert scim.get(users, startIndex=-5, count=-1).json["itemsPerPage"] == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"emails": []},
        {"emails": [{"value": 7}]},
        {"emails": [{"value": "nobody"}]},
        {"emails": [{"value": "a@example.com"}], "nickName": "a b"},
        {"emails": [{"value": "a@example.com"}], "password": "short"},
        {"emails": [{"value": "a@example.com"}], "name": {"givenName": []}},
        {"emails": [{"value": "a@example.com"}], "externalId": "x" * 256},
        {"emails": "a@example.com"},
        {"name": "a"},
    ],
    ids=str,
)
def test_somebody_who_cannot_be_is_refused(scim: Caller, users: str, wrong: dict[str, Any]) -> None:
    assert scim.post(users, **wrong).status == 400


@pytest.mark.parametrize("same", ["emails", "nickName", "externalId", "userName"])
def test_nobody_is_there_twice(scim: Caller, users: str, name: str, same: str) -> None:
    first = make(scim, users, name, externalId=name, nickName=name)
    other = {"emails": [{"value": f"{name}x@example.com"}], "userName": f"{name}y", "nickName": f"{name}z"}

    assert scim.post(users, **other | {same: first[same]}).status == 409


def test_who_has_no_nick_gets_one_that_is_free(scim: Caller, users: str, name: str) -> None:
    nicks = [
        scim.post(users, userName=f"{name}@{domain}").json["nickName"] for domain in ("example.com", "example.org")
    ]

    assert nicks == [name, f"{name}2"]


def test_who_is_not_active_is_signed_out_everywhere(server: Server, scim: Caller, users: str, name: str) -> None:
    made = make(scim, users, name, password="correct horse")
    token = token_of(server, made["id"])
    with Caller(server.url, token).stream("/stream/flows?user=1") as stream:
        answer = scim.put(f"{users}/{made['id']}", active=False)
        assert (answer.status, answer.json["active"]) == (200, False)
        assert stream.rest().strip() == b""

    def enters(headers: dict[str, str]) -> int:
        return Caller(server.url, headers).get("/user").status

    by_password = basic(f"{name}@example.com", "correct horse")
    assert (enters(token), enters(by_password)) == (401, 401)
    assert scim.put(f"{users}/{made['id']}", active=True).json["active"] is True
    assert (enters(token), enters(by_password)) == (401, 200)


@pytest.fixture
def shared(server: Server, name: str) -> str:
    """The id of somebody who is of another organization as well."""

    def made(tx: Any) -> str:
        elsewhere = setting_up.create_organization(tx, name)
        user_id = setting_up.create_user(
            tx, nick=name, email=f"{name}@example.com", name=name, password_hash=None, org=elsewhere, admin=True
        )
        setting_up.create_flow(tx, org=elsewhere, name="own", creator=user_id)
        setting_up.add_to_flow(tx, org=server.org, flow=server.flow, user_id=user_id, by=server.user.id)
        return str(user_id)

    return str(server.do(made))


@pytest.mark.parametrize(
    "change",
    [
        {"nickName": "taken-over"},
        {"emails": [{"value": "thief@example.com"}]},
        {"userName": "thief@example.com"},
        {"displayName": "Thief"},
        {"password": "correct horse"},
    ],
    ids=str,
)
def test_who_is_of_another_organization_too_is_not_taken_over(
    scim: Caller, users: str, shared: str, change: dict[str, Any]
) -> None:
    before = scim.get(f"{users}/{shared}").json

    assert scim.put(f"{users}/{shared}", **change).status == 403
    assert scim.get(f"{users}/{shared}").json == before


@pytest.mark.parametrize("end", ["active", "delete"])
def test_who_is_of_another_organization_too_is_only_let_go(
    server: Server, scim: Caller, users: str, shared: str, end: str
) -> None:
    token = token_of(server, shared)

    answer = scim.put(f"{users}/{shared}", active=False) if end == "active" else scim.delete(f"{users}/{shared}")

    assert answer.status in (200, 204)
    assert scim.get(f"{users}/{shared}").status == 404
    flows = Caller(server.url, token).get("/flows").json
    assert [one["parameterized_name"] for one in flows] == ["own"]


def test_of_people_elsewhere_nothing_is_told(server: Server, scim: Caller, users: str, name: str) -> None:
    def made(tx: Any) -> int:
        elsewhere = setting_up.create_organization(tx, name)
        return setting_up.create_user(
            tx, nick=name, email=f"{name}@example.com", name="Secret", password_hash=None, org=elsewhere, admin=True
        )

    user_id = server.do(made)
    asked = [
        scim.get(f"{users}/{user_id}"),
        scim.put(f"{users}/{user_id}", active=False),
        scim.delete(f"{users}/{user_id}"),
    ]
    assert [one.status for one in asked] == [404] * 3
    assert scim.get(users, filter=f'emails eq "{name}@example.com"').json["Resources"] == []
    refused = scim.post(users, userName=f"{name}@example.com")
    assert (refused.status, b"Secret" in refused.body) == (409, False)


def test_the_last_admin_stays(server: Server, scim: Caller, users: str) -> None:
    assert scim.put(f"{users}/{server.user.id}", active=False).status == 400
    assert scim.delete(f"{users}/{server.user.id}").status == 400


def test_without_a_token_one_is_unknown_and_with_a_wrong_one_refused(server: Server, access: Any) -> None:
    def asked(headers: dict[str, str], at: str = path(access)) -> Answer:
        return Caller(server.url, headers).get(at)

    assert asked({}).status == 401
    assert asked(bearer("wrong")).status == 403
    assert asked(basic(server.user.token)).status == 403
    assert asked(basic(access["token"])).status == 403
    assert asked(bearer(access["token"]), "/scim/0123456789").status == 403


def test_after_too_many_wrong_tokens_there_is_a_pause_for_wrong_ones(tmp_path: Path) -> None:
    with Server(tmp_path) as server:
        access = Caller(server.url, basic(server.user.token)).post(f"/organizations/{server.org}/scim").json
        wrong = Caller(server.url, bearer("wrong"))
        answers = [wrong.get(path(access)) for _ in range(WRONG_SCIM_TOKENS + 1)]

        assert [one.status for one in answers] == [403] * WRONG_SCIM_TOKENS + [429]
        assert int(answers[-1].headers["Retry-After"]) > 0
        assert Caller(server.url, bearer(access["token"])).get(path(access)).status == 200


def test_a_token_ends_when_it_is_renewed_or_removed(server: Server, alice: Caller, access: Any) -> None:
    def enters(token: str) -> int:
        return Caller(server.url, bearer(token)).get(path(access)).status

    renewed = alice.post(f"/organizations/{server.org}/scim").json
    assert renewed["url"] == access["url"]
    assert (enters(access["token"]), enters(renewed["token"])) == (403, 200)
    assert alice.delete(f"/organizations/{server.org}/scim").status == 204
    assert enters(renewed["token"]) == 403
