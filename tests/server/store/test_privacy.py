"""What people say to each other is readable by the server's own user alone."""

import stat

from tests.server.stage import ON_SQLITE, Stage


@ON_SQLITE
def test_the_database_can_be_read_by_its_owner_only(stage: Stage) -> None:
    files = [path for path in stage.folder.iterdir() if path.name.startswith("flowdock.sqlite3")]

    assert len(files) >= 1
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
