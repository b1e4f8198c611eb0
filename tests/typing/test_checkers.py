"""The types of the public names as another type checker than ours reads them; mypy reads them with everything else."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent


@pytest.mark.slow
def test_basedpyright_finds_every_form_as_it_is_meant() -> None:
    program = shutil.which("basedpyright", path=str(Path(sys.executable).parent))
    assert program is not None
    command = [program, "--project", str(FOLDER), "--pythonpath", sys.executable, "--outputjson"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    found = json.loads(done.stdout)

    told = [f"{one['range']['start']['line'] + 1}: {one['message']}" for one in found["generalDiagnostics"]]
    assert told == []
    assert found["summary"]["filesAnalyzed"] == 1


def test_the_package_says_that_it_is_typed() -> None:
    assert (FOLDER.parents[1] / "src/flowdock/py.typed").exists()
