import os

import pytest


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what a file says counts, not the environment of whoever runs the tests."""
    for name in [name for name in os.environ if name.startswith(("FLOWDOCK_", "AWS_")) and "_TEST_" not in name]:
        monkeypatch.delenv(name)
