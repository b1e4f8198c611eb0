import asyncio
import socket
import threading
from ipaddress import ip_network

import pytest

from flowdock.server.outgoing import Guard, NotAllowed, Unreachable
from flowdock.server.outgoing.names import Names


def resolved(host: str, *allowed: str) -> list[str]:
    async def resolve() -> list[str]:
        return await Names(Guard([ip_network(network) for network in allowed])).resolve(host, 80)

    return asyncio.run(resolve())


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "::1", "0"])
def test_a_name_for_this_machine_leads_nowhere_however_it_is_spelled(host: str) -> None:
    with pytest.raises((NotAllowed, Unreachable)):
        resolved(host)


def test_a_name_that_nobody_has_leads_nowhere() -> None:
    with pytest.raises(Unreachable, match=r"nobody knows the name flowdock\.invalid"):
        resolved("flowdock.invalid")


def test_a_refusal_tells_no_address() -> None:
    with pytest.raises(NotAllowed) as refused:
        resolved("localhost")
    assert "127." not in str(refused.value)
    assert "::1" not in str(refused.value)


def test_of_several_addresses_those_inside_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def both(host: str, port: int, *rest: int, **more: int) -> object:
        del host, rest, more
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in ("10.0.0.1", "127.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    assert resolved("both.example", "127.0.0.0/8") == ["127.0.0.1"]


def test_a_name_that_takes_very_long_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()

    def slow(host: str, port: int, *rest: int, **more: int) -> object:
        del rest, more
        if host == "slow.example":
            answered.wait(20)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    async def ask() -> tuple[list[str], list[str]]:
        names = Names(Guard([ip_network("127.0.0.0/8")]))
        first = asyncio.create_task(names.resolve("slow.example", 80))
        second = await names.resolve("quick.example", 80)
        assert not first.done()
        answered.set()
        return await first, second

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    assert asyncio.run(ask()) == (["127.0.0.1"], ["127.0.0.1"])
