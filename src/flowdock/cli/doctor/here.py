"""A server of this machine: its data folder and the disk below it."""

import os
import shutil
from collections.abc import Iterator

from flowdock.cli.addresses import is_here
from flowdock.cli.doctor.findings import Case, Finding, fine, note, wrong
from flowdock.cli.lines import size

FULL_BYTES = 100_000_000
SCARCE_BYTES = 1_000_000_000


def data(case: Case) -> Iterator[Finding]:
    """Whether a server of this machine can write where it keeps its data."""
    if not is_here(case.where.api_url):
        return
    try:
        from flowdock.cli import databases
    except ModuleNotFoundError:
        return  # no server was ever run with these packages
    folder = databases.folder_of(None)
    if not folder.is_dir():
        yield note(
            "data", f"there is no {folder}", "'flowdock up' makes it, unless --data or FLOWDOCK_DATA name another"
        )
        return
    closed = [path for path in (folder, *folder.iterdir()) if not os.access(path, os.R_OK | os.W_OK)]
    free = shutil.disk_usage(folder).free
    if closed:
        then = f"chown -R {os.getuid() if hasattr(os, 'getuid') else 'you'} {folder}, if the server runs as you"
        yield wrong("data", f"{closed[0]} cannot be written by this user", then)
    elif free < FULL_BYTES:
        yield wrong("data", f"{folder}: {size(free)} left on its disk", "make room; nothing can be said any more")
    elif free < SCARCE_BYTES:
        yield note("data", f"{folder}: {size(free)} left on its disk", "make room")
    else:
        yield fine("data", f"{folder}, {size(free)} free")
