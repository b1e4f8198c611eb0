import os
from pathlib import Path

import pytest

from flowdock.cli import lock
from flowdock.cli.failures import Failure


def test_a_folder_is_held_by_one_alone(tmp_path: Path) -> None:
    with lock.held(tmp_path, why="stop it"), pytest.raises(Failure) as refused, lock.held(tmp_path, why="stop it"):
        pass

    assert str(refused.value) == f"{tmp_path} is in use by another Flowdock (process {os.getpid()}); stop it"


def test_a_folder_that_was_let_go_can_be_held_again(tmp_path: Path) -> None:
    for _ in range(2):
        with lock.held(tmp_path, why="stop it"):
            pass
