"""What clients do with flows, people and organizations, call by call."""

from base64 import b64encode
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from flowdock.server.actions import setting_up
from flowdock.server.passwords import hashed
from flowdock.server.store.transaction import Transaction
from flowdock.testing import Server
from tests.contract.flows import NewFlow
from tests.contract.plain import Answer, Caller, ask, basic

PASSWORD = "correct horse"


def newcomer(server: Server, nick: str, *, password: str | None = None) -> tuple[int, Caller]:
    """Somebody new of the organization, in no flow, by token."""
    password_hash = None if password is None else hashed(password)

    def create(tx: Transaction) -> tuple[int, str]:
        wanted: dict[str, Any] = {"nick": nick, "email": f"{nick}@example.com", "name": nick, "admin": False}
        user_id = setting_up.create_user(tx, **wanted, password_hash=password_hash, org=server.org)
        return user_id, setting_up.create_token(tx, user_id=user_id, label="test")

    user_id, token = server.do(create)
    return user_id, Caller(server.url, basic(token))


def test_oulu_lists_all_flows_and_joins_one_by_opening_it(server: Server, alice: Caller, new_flow: NewFlow) -> None:
    _, dora = newcomer(server, "oulu-user")
    alice.put(new_flow.path, access_mode="organization")
    [listed] = [flow for flow in dora.get("/flows/all", users=1).json if flow["id"] == new_flow.id]
    assert (listed["joined"], listed["open"]) == (False, False)

    with dora.stream("/stream/flows?user=1") as stream:
        answer = dora.put(new_flow.path, open=True)
        told = stream.next()

    assert (answer.status, answer.json["open"], answer.json["joined"]) == (200, True, True)
    assert (told["event"], told["content"]["id"], told["content"]["organization"]) == ("flow-add", new_flow.id, "Acme")
    assert dora.put(new_flow.path, open="false").json["open"] is False


def test_hubot_is_blocked_its_stream_ends_and_it_is_let_in_again(
    server: Server, alice: Caller, new_flow: NewFlow
) -> None:
    robot_id, robot = newcomer(server, "hubot")
    assert alice.post(f"{new_flow.path}/users", id=robot_id).body == b"{}"

    with robot.stream(f"/stream/flows?filter={new_flow.id}") as stream:
        answer = alice.put(f"{new_flow.path}/users/{robot_id}", disabled=True)
        said = stream.until(lambda event: event["event"] == "backend.user.block")
        end = stream.rest()

    assert (answer.status, answer.body) == (200, b"{}")
    assert (said[-1]["content"], said[-1]["user"], end) == (str(robot_id), "1", b"")
    assert robot.get(new_flow.path).status == 404
    alice.put(f"{new_flow.path}/users/{robot_id}", disabled=False)
    assert robot.get(new_flow.path).json["joined"] is True


def test_go_makes_a_flow_with_everything_in_the_query(server: Server, alice: Caller) -> None:
    made = ask(server.url, "POST", "/flows/acme?name=From+Go", headers=alice.headers)
    assert (made.status, made.json["parameterized_name"], made.json["access_mode"]) == (201, "from-go", "invitation")
    assert [user["nick"] for user in made.json["users"]] == ["alice"]

    listed = alice.get(f"{made.json['url'].removeprefix(server.url)}/messages").json
    assert [(message["id"], message["event"], message["user"]) for message in listed] == [
        (2, "message", "0"),
        (3, "line", "1"),
    ]


def test_go_changes_a_person_and_an_organization_in_its_own_spelling(server: Server, alice: Caller) -> None:
    user_id, gopher = newcomer(server, "gopher")
    answer = ask(server.url, "PUT", f"/users/{user_id}?Nick=Gordon&Email=", headers=gopher.headers)
    assert (answer.status, answer.json["nick"], answer.json["email"]) == (200, "Gordon", "gopher@example.com")

    number = alice.get("/organizations").json[0]["id"]
    renamed = ask(server.url, "PUT", f"/organizations/{number}?Name=Acme", headers=alice.headers)
    assert (renamed.status, renamed.json["name"], renamed.json["parameterized_name"]) == (200, "Acme", "acme")
    assert alice.get("/organizations/find", id=number).json == renamed.json


def test_terraform_removes_a_person_and_insists_on_204(server: Server, alice: Caller, new_flow: NewFlow) -> None:
    user_id, leaver = newcomer(server, "leaver")
    alice.post(f"{new_flow.path}/users", id=user_id)

    answer = alice.delete(f"/organizations/acme/users/{user_id}")

    assert (answer.status, answer.body) == (204, b"")
    assert leaver.get("/flows").json == leaver.get("/organizations").json == []
    assert leaver.get("/user").status == 200
    again = alice.delete(f"/organizations/acme/users/{user_id}")
    assert (again.status, again.body) == (404, b'{"message":"not found"}')


def test_futurice_audits_with_a_final_slash(alice: Caller, bob: Caller) -> None:
    answer = alice.get("/organizations/acme/audits/users/")
    assert answer.status == 200
    assert {"id", "nick", "email", "accessed_at"} <= answer.json[0].keys()
    refused = bob.get("/organizations/acme/audits/users/")
    assert (refused.status, refused.body) == (403, b'{"message":"Access denied"}')


def test_a_flow_has_an_address_to_join_by_and_a_token_to_push_by(alice: Caller, bob: Caller, new_flow: NewFlow) -> None:
    made = alice.post(f"{new_flow.path}/join_url")
    assert (made.status, bob.get(f"{new_flow.path}/join_url").json) == (201, made.json)
    removed = alice.delete(f"{new_flow.path}/join_url")
    assert (removed.status, removed.body, bob.get(new_flow.path).json["join_url"]) == (204, b"", None)
    token = alice.post(f"{new_flow.path}/api_token")
    assert (token.status, token.json["api_token"]) == (201, bob.get(new_flow.path).json["api_token"])


def test_a_new_password_takes_the_old_one_and_replaces_it(server: Server) -> None:
    user_id, dora = newcomer(server, "dora", password=PASSWORD)
    path = f"/users/{user_id}"
    by_password = Caller(server.url, basic("dora@example.com", PASSWORD))
    assert by_password.get("/user").json["id"] == user_id

    for given in ({}, {"current_password": "wrong"}):
        refused = dora.put(path, password="battery staple", **given)
        assert (refused.status, list(refused.json["errors"])) == (400, ["current_password"])
    assert dora.put(path, password="battery staple", current_password=PASSWORD).status == 200

    assert by_password.get("/user").status == 401
    assert Caller(server.url, basic("dora@example.com", "battery staple")).get("/user").status == 200


def test_a_new_address_takes_the_password_and_a_new_nick_does_not(server: Server) -> None:
    user_id, ella = newcomer(server, "ella", password=PASSWORD)
    assert ella.put(f"/users/{user_id}", nick="Ella", email="ella@example.com").json["nick"] == "Ella"
    assert ella.put(f"/users/{user_id}", email="ella@example.org").status == 400
    answer = ella.put(f"/users/{user_id}", email="ella@example.org", current_password=PASSWORD)
    assert (answer.status, answer.json["email"]) == (200, "ella@example.org")
    assert Caller(server.url, basic("ella@example.com", PASSWORD)).get("/user").status == 401


def test_flows_from_before_digests_get_theirs_when_a_server_starts(tmp_path: Path) -> None:
    with Server(tmp_path) as server:
        digests = "SELECT api_token_digest, join_digest FROM flows"
        before = server.do(lambda tx: tx.one(digests))
        server.do(lambda tx: tx.execute("UPDATE flows SET api_token_digest = NULL, join_digest = NULL"))
        server.stop()
        server.start()
        assert server.do(lambda tx: tx.one(digests)) == before


def picture() -> bytes:
    body = BytesIO()
    Image.new("RGB", (64, 64), "red").save(body, "JPEG")
    return body.getvalue()


def add_emoji(caller: Caller, name: str) -> Answer:
    return caller.post("/organizations/acme/emoji", id=name, image={"data": b64encode(picture()).decode()})


def test_an_emoji_is_added_shown_to_everybody_and_removed(server: Server, alice: Caller, bob: Caller) -> None:
    added = add_emoji(bob, ":Unicorn:")
    assert (added.status, added.json["id"]) == (201, "unicorn")
    assert alice.get("/organizations/acme/emoji").json == [added.json]
    assert added.json in alice.get("/flows/acme/main").json["emoji"]

    path = added.json["image_url"].removeprefix(server.url)
    shown = ask(server.url, "GET", path)
    assert (shown.status, shown.headers["content-type"], shown.body[:4]) == (200, "image/png", b"\x89PNG")
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert "immutable" in shown.headers["cache-control"]
    assert ask(server.url, "GET", path, headers={"If-None-Match": shown.headers["etag"]}).status == 304

    assert alice.delete("/organizations/acme/emoji/unicorn").status == 204
    assert ask(server.url, "GET", path).status == 404
    assert alice.delete("/organizations/acme/emoji/unicorn").status == 404


def test_an_emoji_comes_from_a_form(server: Server, bob: Caller) -> None:
    form = (
        b'--limit\r\nContent-Disposition: form-data; name="id"\r\n\r\nfrom-a-form\r\n'
        b'--limit\r\nContent-Disposition: form-data; name="image"; filename="red.jpg"\r\n\r\n'
        + picture()
        + b"\r\n--limit--\r\n"
    )
    headers = {**bob.headers, "Content-Type": "multipart/form-data; boundary=limit"}
    answer = ask(server.url, "POST", "/organizations/acme/emoji", headers=headers, body=form)
    assert (answer.status, answer.json["id"]) == (201, "from-a-form")


def test_an_emoji_is_removed_by_who_added_it_or_an_admin(server: Server, bob: Caller) -> None:
    third = Caller(server.url, basic(server.third_user.token))
    add_emoji(bob, "bobs")
    assert third.delete("/organizations/acme/emoji/bobs").status == 403
    assert add_emoji(third, "bobs").json["errors"].keys() == {"id"}
    assert bob.delete("/organizations/acme/emoji/bobs").status == 204


def test_emoji_of_an_organization_are_for_its_people(server: Server) -> None:
    stranger = Caller(server.url, basic(server.stranger().token))
    assert stranger.get("/organizations/acme/emoji").status == 404
    assert add_emoji(stranger, "mine").status == 404


@pytest.mark.parametrize(
    "given, field",
    [
        ({"image": {"data": "R0lG"}}, "id"),
        ({"id": "two words", "image": {"data": "R0lG"}}, "id"),
        ({"id": "x" * 65, "image": {"data": "R0lG"}}, "id"),
        ({"id": "fine"}, "image"),
        ({"id": "fine", "image": "R0lG"}, "image"),
        ({"id": "fine", "image": {"data": "R0lG"}}, "image"),
        ({"id": "fine", "image": {"data": "no base64"}}, "image"),
        ({"id": "fine", "image": {"data": b64encode(bytes(256 * 1024 + 1)).decode()}}, "image"),
    ],
)
def test_a_wrong_emoji_is_refused(alice: Caller, given: dict[str, Any], field: str) -> None:
    answer = alice.post("/organizations/acme/emoji", **given)
    assert (answer.status, list(answer.json["errors"])) == (400, [field])
