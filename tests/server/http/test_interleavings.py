"""Every order in which commits, announcements, replays, slow clients and lost connections can come about."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowdock.server.http import following, readers
from flowdock.server.hub import feed
from tests.server.http.world import World

STEPS = (
    World.commit,
    World.commit,
    World.announce,
    World.tell,
    World.tell,
    World.look,
    World.commit_at_once,
    World.commit_at_once,
    World.remove,
    World.answer,
    World.answer,
    World.time_passes,
    World.time_passes,
    World.time_passes,
    World.keep_alive,
    World.finish,
    World.come,
    World.come,
    World.read,
    World.read,
    World.leave,
)
courses = st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 3), st.integers(0, 5)), min_size=60, max_size=160)


@pytest.mark.parametrize("tail, page, waiting", [(512, 256, 64), (3, 2, 2)], ids=["as it is", "short of everything"])
def test_every_reader_hears_every_event_once_and_in_order(
    monkeypatch: pytest.MonkeyPatch, tail: int, page: int, waiting: int
) -> None:
    monkeypatch.setattr(feed, "TAIL_LENGTH", tail)
    monkeypatch.setattr(following, "PAGE", page)
    monkeypatch.setattr(readers, "WAITING_LIMIT", waiting)

    @settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
    @given(courses)
    def run(course: list[tuple[Any, int, int]]) -> None:
        world = World()
        try:
            for step, which, count in course:
                step(world, which, count)
                world.check()
            world.settle()
            world.check()
            world.end()
        finally:
            world.close()

    run()
