from hashlib import sha256
from typing import Any

import pytest

from flowdock.server.actions import emoji, flows
from flowdock.server.domain.actors import Person
from flowdock.server.domain.refusals import Refusal
from flowdock.server.store.transaction import NotFound
from tests.server.actions.test_flows import refused
from tests.server.stage import PLACE, Stage

IMAGE = b"\x89PNG\x00\xff"


def add(stage: Stage, by: Person, name: object, image: bytes = IMAGE) -> Any:
    return stage.act(by, emoji.add_emoji, org="acme", name=name, image=image, content_type="image/png").result


def test_an_emoji_is_known_by_the_digest_of_its_picture(stage: Stage) -> None:
    digest = sha256(IMAGE).hexdigest()
    shown = {"id": "unicorn", "image_url": f"http://flowdock.example/emoji/{digest}"}
    assert add(stage, stage.bob, " :Unicorn: ") == shown
    assert stage.ask(stage.carol, emoji.list_emoji, org="acme") == [shown]
    assert stage.ask(stage.carol, flows.show_flow, **PLACE)["emoji"] == [shown]
    assert stage.read(lambda tx: emoji.picture(tx, digest)) == (IMAGE, "image/png")


def test_a_picture_is_there_as_long_as_one_emoji_has_it(stage: Stage) -> None:
    digest = sha256(IMAGE).hexdigest()
    add(stage, stage.bob, "one")
    add(stage, stage.bob, "two")
    stage.act(stage.bob, emoji.remove_emoji, org="acme", emoji="one")
    assert stage.read(lambda tx: emoji.picture(tx, digest)) == (IMAGE, "image/png")
    stage.act(stage.alice, emoji.remove_emoji, org="acme", emoji="TWO")
    with pytest.raises(NotFound):
        stage.read(lambda tx: emoji.picture(tx, digest))


def test_a_name_is_taken_once_and_by_somebody(stage: Stage) -> None:
    add(stage, stage.bob, "mine")
    with pytest.raises(Refusal) as caught:
        add(stage, stage.carol, "MINE")
    assert caught.value.errors == {"id": ["'mine' has already been taken; remove that emoji first"]}
    assert refused(stage, stage.carol, emoji.remove_emoji, org="acme", emoji="mine").status == 403


def test_an_organization_has_so_many_emoji_and_no_more(stage: Stage) -> None:
    insert = (
        "INSERT INTO emoji (organization_id, name, digest, content_type, image, creator, created_at)"
        " VALUES (1, ?, '', '', ?, 1, 0)"
    )
    stage.write(lambda tx: tx.execute_each(insert, [(f"e{number}", b"") for number in range(emoji.LIMIT)]))
    with pytest.raises(Refusal) as caught:
        add(stage, stage.bob, "one-more")
    assert list(caught.value.errors) == ["id"]
