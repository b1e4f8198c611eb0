"""Search follows in the background, in whichever process finds a log free, and never in anybody's way."""

import asyncio
from typing import Any

from flowdock.server.actions import editing, reading
from flowdock.server.http.searching import searched
from flowdock.server.store import events, logs, people
from flowdock.server.store.transaction import Transaction
from tests.server.stage import PLACE, plain
from tests.server.store.postgres.stores import Stores
from tests.services.processes import until


def find(stores: Stores, word: str, *, at: int = 0) -> list[int]:
    """Ids of the newest messages that have the word, as one of the stores finds them."""
    found = stores.search(lambda tx: reading.list_messages(tx, stores.alice, **PLACE, search=word, limit=100), at=at)
    return [message["id"] for message in found]


def is_indexed(stores: Stores) -> bool:
    head = stores.read(lambda tx: logs.head(tx, stores.flow_log))
    return bool(head.indexed_number == head.last_number)


def test_the_index_follows_without_anybody_who_searches(stores: Stores) -> None:
    stores.write(stores.say("needle"))
    until(lambda: is_indexed(stores), "the index follows")


def test_a_search_finds_at_once_what_another_process_stored(stores: Stores) -> None:
    for at in range(6):
        number = stores.write(stores.say("needle"), at=at % 2)["id"]
        assert find(stores, "needle", at=(at + 1) % 2)[-1] == number


def test_an_indexer_does_not_wait_for_who_writes_and_goes_on_with_other_logs(stores: Stores) -> None:
    """Else a flow in which somebody is stuck would keep search from following anywhere."""
    with stores.held(stores.say("stuck")):
        stores.all[1]._indexer.notice([stores.flow_log])
        number = stores.write(lambda tx: add_something(tx, stores.carol.user_id), at=1)
        log_id = stores.read(lambda tx: tx.one("SELECT log_id FROM users WHERE id = ?", (stores.carol.user_id,)))[0]
        until(lambda: stores.read(lambda tx: logs.head(tx, log_id)).indexed_number == number, "the other is indexed")
        assert not stores.somebody_waits()
    until(lambda: is_indexed(stores), "the index follows")


def add_something(tx: Transaction, user_id: int) -> int:
    """Let something happen to somebody privately; its number."""
    log_id = people.get(tx, user_id).log_id
    number = logs.take_number(tx, log_id)
    events.append(tx, log_id, {"event": "flow-add", "content": {}, "user": user_id}, number=number, author=user_id)
    return number


def test_what_a_process_left_behind_is_indexed_by_the_next_one(stores: Stores) -> None:
    for store in stores.all:
        store._indexer.stop()
    stores.write(stores.say("needle"))
    assert not is_indexed(stores)
    stores.open()
    until(lambda: is_indexed(stores), "the new process indexes it")


def test_a_message_that_is_edited_while_it_is_indexed_is_found_by_its_new_text_only(stores: Stores) -> None:
    async def write_and_edit() -> None:
        async def one(at: int) -> None:
            store = stores.all[at % 2]
            number = (await store.write(stores.say(f"before{at}"), about="acme/main"))["id"]

            def edit(tx: Transaction) -> None:
                editing.edit_message(tx, stores.alice, **PLACE, id=number, content=f"after{at}")

            await asyncio.sleep(at % 7 / 100)
            await stores.all[(at + 1) % 2].write(edit, about="acme/main")
            stores.all[at % 2]._indexer.notice([stores.flow_log])

        await asyncio.gather(*(one(at) for at in range(60)))

    stores.run(write_and_edit)
    assert [find(stores, f"before{at}") for at in range(60)] == [[]] * 60
    assert [len(find(stores, f"after{at}", at=at % 2)) for at in range(60)] == [1] * 60


def test_a_search_is_right_while_other_processes_write_without_a_pause(stores: Stores) -> None:
    async def search_under_load() -> list[tuple[int, int]]:
        stop, said = asyncio.Event(), 0

        async def keep_writing(at: int) -> None:
            nonlocal said
            while not stop.is_set():
                await stores.all[at % 2].write(stores.say("needle"), about="acme/main")
                said += 1

        def search(tx: Transaction) -> Any:
            return plain(reading.list_messages(tx, stores.alice, **PLACE, search="needle", limit=100))

        writers = [asyncio.ensure_future(keep_writing(at)) for at in range(8)]
        found: list[tuple[int, int]] = []
        while said < 100:
            before = said
            ids = [message["id"] for message in await searched(stores.all[len(found) % 2], search)]
            assert ids == sorted(set(ids))
            found.append((before, len(ids)))
        stop.set()
        await asyncio.gather(*writers)
        return found

    for before, found in stores.run(search_under_load):
        assert found >= min(before, 100)
