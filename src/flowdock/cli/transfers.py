"""How far an upload or a download is, for people."""

import sys
from collections.abc import Generator
from contextlib import contextmanager

from flowdock.cli import terminal
from flowdock.client.progress import Progress


@contextmanager
def shown(name: str) -> Generator[Progress | None]:
    """Show a bar on standard error if somebody looks at it, and None otherwise, while a file is on its way."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich import progress as bars

    columns = (
        bars.TextColumn("{task.description}", markup=False),
        bars.BarColumn(bar_width=None),
        bars.DownloadColumn(),
        bars.TransferSpeedColumn(),
        bars.TimeRemainingColumn(),
    )
    with bars.Progress(*columns, console=terminal.console(stderr=True), transient=True, expand=True) as display:
        task = display.add_task(terminal.visible(name), total=None)
        yield lambda so_far, total: display.update(task, completed=so_far, total=total)
