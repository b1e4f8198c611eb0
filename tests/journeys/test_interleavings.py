"""However writers and readers come and go, every reader sees every event once, in order."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from flowdock.testing import Server
from tests.journeys.talking import Reader, ask, wait_until


class Step(NamedTuple):
    """Something that happens; `whom` is which reader or which message."""

    kind: Literal["say", "say privately", "edit", "cut", "burst"]
    whom: int


STEPS = st.lists(
    st.builds(Step, st.sampled_from(["say", "say privately", "edit", "cut", "cut", "burst"]), st.integers(0, 3)),
    min_size=3,
    max_size=25,
)
STREAMS = (
    "/stream/flows/acme/main",
    "/stream/flows?filter=acme/main",
    "/stream/flows?filter=acme%2Fmain&user=1",
    "/stream/flows?user=1",
)


def played(server: Server, steps: Sequence[Step], readers: Sequence[Reader]) -> tuple[list[int], list[int]]:
    """The numbers of what happened in the flow and in private, after all steps were taken."""
    port, token, second = int(server.url.rpartition(":")[2]), server.user.token, server.second_user
    in_flow: list[int] = []
    in_private: list[int] = []
    flow = "/flows/acme/main/messages"
    for at, step in enumerate(steps):
        if step.kind == "cut":
            readers[step.whom].cut()
        elif step.kind == "say privately":
            said = {"event": "message", "content": f"psst {at}"}
            in_private.append(ask(port, token, "POST", f"/private/{second.id}/messages", said)["id"])
        elif step.kind == "edit" and in_flow:
            edited = in_flow[step.whom % len(in_flow)]
            ask(port, token, "PUT", f"{flow}/{edited}", {"content": f"better {at}"})
        else:
            times = 40 if step.kind == "burst" else 1
            said = {"event": "message", "content": f"{at}"}
            in_flow.extend(ask(port, token, "POST", flow, said)["id"] for _ in range(times))
    in_flow.append(ask(port, token, "POST", flow, {"event": "message", "content": "the last"})["id"])
    said = {"event": "message", "content": "the last"}
    in_private.append(ask(port, token, "POST", f"/private/{second.id}/messages", said)["id"])
    return in_flow, in_private


@settings(max_examples=25)
@given(steps=STEPS)
def test_every_reader_sees_every_event_once_in_order(steps: list[Step], server: Server) -> None:
    port = int(server.url.rpartition(":")[2])
    readers = [Reader(port, server.user.token, path) for path in STREAMS]
    for reader in readers:
        reader.start()
        assert reader.following.wait(30)

    in_flow, in_private = played(server, steps, readers)

    for path, reader in zip(STREAMS, readers, strict=True):
        hears_flow, hears_private = "main" in path, "user=1" in path

        def numbers(member: str, reader: Reader = reader) -> list[int]:
            return [event["id"] for event in list(reader.events) if member in event]

        wait_until(lambda: not hears_flow or in_flow[-1] in numbers("flow"))  # noqa: B023
        wait_until(lambda: not hears_private or in_private[-1] in numbers("to"))  # noqa: B023
        reader.stop()
        if hears_flow:
            heard = numbers("flow")
            assert heard == list(range(heard[0], in_flow[-1] + 1))
            assert set(in_flow) <= set(heard)
        if hears_private:
            assert numbers("to") == in_private
