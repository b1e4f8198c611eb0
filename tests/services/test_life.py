"""That services start, die and come back as tests rely on, and leave nothing behind."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.services.machine import Missing
from tests.services.objects import ObjectStore
from tests.services.postgres import Postgres
from tests.services.processes import children, is_alive, until
from tests.services.redis import Redis
from tests.services.service import NotWorking, Service


class Broken(Service):
    """It ends as soon as it has started."""

    name = "broken"

    def command(self) -> list[str]:
        return ["sh", "-c", "echo no room on the disk; exit 3"]

    def answers(self) -> bool:
        return False


ROOT = Path(__file__).parents[2]
KINDS: dict[str, Callable[[], Service]] = {
    "postgres": Postgres,
    "redis": Redis,
    "objects": ObjectStore,
}
ABANDONED = """
import os, signal
from {module} import {kind}
from tests.services.machine import Missing
from tests.services.processes import children

service = {kind}()
try:
    service.start()
except Missing as missing:
    raise SystemExit(print(missing))
print(service.folder, service.pid, *children(service.pid), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(params=[*KINDS, "pgbouncer"])
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    """One of every kind."""
    if request.param == "pgbouncer":
        yield request.getfixturevalue("own_pgbouncer")
        return
    with closing(KINDS[request.param]()) as started:
        try:
            started.start()
        except Missing as missing:
            pytest.skip(str(missing))
        yield started


def family(service: Service) -> list[int]:
    return [service.pid, *children(service.pid)]


def test_it_comes_back_after_being_killed_on_the_same_port(service: Service) -> None:
    port, before = service.port, family(service)

    service.kill()
    alive_after_the_kill = [pid for pid in before if is_alive(pid)]
    answers_after_the_kill = service.answers()
    service.start()

    assert alive_after_the_kill == []
    assert not answers_after_the_kill
    assert (service.port, service.answers()) == (port, True)


def test_a_restart_replaces_its_processes(service: Service) -> None:
    before = family(service)

    service.restart()

    assert not any(map(is_alive, before))
    assert service.answers()


def test_closing_leaves_no_process_and_no_folder(service: Service) -> None:
    folder, before = service.folder, family(service)

    service.close()

    assert not any(map(is_alive, before))
    assert not folder.exists()


def test_it_outlives_the_thread_that_started_it(own_redis: Redis) -> None:
    thread = threading.Thread(target=own_redis.restart)

    thread.start()
    thread.join()

    assert own_redis.answers()


@pytest.mark.parametrize("kind", [Postgres, Redis, ObjectStore])
def test_it_dies_with_the_process_that_started_it(kind: type[Service]) -> None:
    starter = ABANDONED.format(module=kind.__module__, kind=kind.__name__)

    ran = subprocess.run([sys.executable, "-c", starter], check=False, cwd=ROOT, capture_output=True, text=True)

    if ran.returncode == 0:
        pytest.skip(ran.stdout)
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    folder, *pids = ran.stdout.split()
    until(lambda: not any(is_alive(int(pid)) for pid in pids), f"the {kind.name} is gone")
    shutil.rmtree(folder)


def test_a_failed_start_shows_the_end_of_the_log_and_leaves_no_process() -> None:
    broken = Broken()

    with (
        pytest.raises(NotWorking, match=r"^broken did not start: it ended with 3; its log ends:\nno room on the disk$"),
        broken,
    ):
        pass

    with pytest.raises(RuntimeError, match=r"^broken does not run; call start\(\) first$"):
        _ = broken.pid


def test_a_second_start_is_refused(own_redis: Redis) -> None:
    with pytest.raises(RuntimeError, match=r"^redis runs already; call stop\(\) or kill\(\) first$"):
        own_redis.start()


def test_a_folder_that_was_given_stays_with_the_log(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path)

    with store:
        folder = store.folder

    assert folder.parent == tmp_path
    assert "Running on" in (folder / "log").read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")
def test_a_folder_that_its_user_cannot_reach_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)

    with (
        pytest.raises(NotWorking, match=r"is closed to the user postgres; give postgres no folder, or another$"),
        Postgres(tmp_path),
    ):
        pass
