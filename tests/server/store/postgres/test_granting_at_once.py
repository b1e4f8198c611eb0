"""Two who bring the same code or refresh token at once: one of them may be a thief."""

from collections.abc import Mapping
from typing import Any

from flowdock.server.actions import applications, granting, signing_in
from flowdock.server.actions.granting import Client
from flowdock.server.domain.oauth import Problem
from flowdock.server.store.transaction import Transaction
from tests.server.store.postgres.stores import Stores


def allowed(stores: Stores) -> tuple[Client, str]:
    """An application, and the code for what alice allowed it."""

    def allow(tx: Transaction) -> tuple[Client, str]:
        made = applications.create_application(tx, stores.bob, name="Tracker", redirect_uri="https://a.example/")
        wish = granting.wish(tx, client_id=made["client_id"], response_type="code", scope="flow offline_access")
        code = granting.approve(tx, wish, user_id=stores.alice.user_id)
        return Client(made["client_id"], made["client_secret"]), code

    both: tuple[Client, str] = stores.write(allow)
    return both


def opens(stores: Stores, given: Mapping[str, Any]) -> bool:
    return stores.read(lambda tx: signing_in.by_token(tx, given["access_token"])) is not None


def test_a_code_that_two_bring_at_once_gives_nothing_that_lasts(stores: Stores) -> None:
    client, code = allowed(stores)

    def exchange(tx: Transaction) -> Any:
        return granting.exchange_code(tx, client, {"code": code})

    first, second = stores.overlapping(exchange, exchange)
    assert isinstance(second, Problem)
    assert not opens(stores, first)


def test_of_two_who_bring_a_refresh_token_at_once_only_one_keeps_what_they_get(stores: Stores) -> None:
    """It may be one program whose first answer was lost; the next renewal by the other ends everything."""
    client, code = allowed(stores)
    given = stores.write(lambda tx: granting.exchange_code(tx, client, {"code": code}))

    def refresh(tx: Transaction) -> Any:
        return granting.refresh(tx, client, {"refresh_token": given["refresh_token"]})

    first, second = stores.overlapping(refresh, refresh)
    assert (opens(stores, first), opens(stores, second)) == (False, True)

    by_the_first = stores.write(lambda tx: granting.refresh(tx, client, {"refresh_token": first["refresh_token"]}))
    assert isinstance(by_the_first, Problem)
    assert not opens(stores, second)
