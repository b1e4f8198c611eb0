import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest

from flowdock.server.domain.permissions import SHOW_ONESELF
from flowdock.server.domain.refusals import Refusal
from flowdock.server.http.credentials import Credentials
from flowdock.server.hub.expiring import ExpiringInMemory
from flowdock.server.store.store import Store
from flowdock.server.store.transaction import Transaction
from tests.journeys.talking import basic
from tests.server.stage import Stage


class Late:
    """A store whose answers come only when they are let through."""

    def __init__(self, store: Store) -> None:
        self.has_answered, self.go_on = asyncio.Event(), asyncio.Event()
        self._store = store

    async def read(self, action: Callable[[Transaction], Any]) -> Any:
        """What the store says, later."""
        result = await self._store.read(action)
        self.has_answered.set()
        await self.go_on.wait()
        return result


def head(token: str) -> dict[str, Any]:
    return {"headers": [(name.lower().encode(), value.encode()) for name, value in basic(token).items()]}


def test_what_was_looked_up_while_credentials_changed_is_not_remembered(stage: Stage) -> None:
    """It may have been read before the change; believed for seconds, a token would go on working that is revoked."""

    async def revoked_meanwhile() -> None:
        store = Late(stage.store)
        credentials = Credentials(cast("Store", store), ExpiringInMemory())
        asking = asyncio.ensure_future(credentials.from_header(head(stage.tokens[0]), SHOW_ONESELF))
        await store.has_answered.wait()
        await stage.store.write(lambda tx: tx.execute("DELETE FROM tokens"))
        credentials.forget()
        store.go_on.set()
        assert await asking == stage.alice
        await credentials.from_header(head(stage.tokens[0]), SHOW_ONESELF)

    with pytest.raises(Refusal) as refused:
        stage._runner.run(revoked_meanwhile())
    assert refused.value.status == 401


def test_who_was_found_is_not_looked_up_again_until_credentials_change(stage: Stage) -> None:
    async def asked_twice() -> None:
        credentials = Credentials(stage.store, ExpiringInMemory())
        for _ in range(2):
            assert await credentials.from_header(head(stage.tokens[0]), SHOW_ONESELF) == stage.alice
            await stage.store.write(lambda tx: tx.execute("DELETE FROM tokens"))
        credentials.forget()
        await credentials.from_header(head(stage.tokens[0]), SHOW_ONESELF)

    with pytest.raises(Refusal):
        stage._runner.run(asked_twice())
