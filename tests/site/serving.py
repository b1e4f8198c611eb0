"""The documentation in a folder, served as the server does it, and nothing else."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.routing import Router

from flowdock.server import running
from flowdock.server.http.edge import Edge
from flowdock.server.http.help.pages import Help


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Where it is served."""
    app = Edge(Router(Help(folder).routes(), redirect_slashes=False))
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None))
    with running.listen("127.0.0.1", 0) as listening:
        listening.listen()
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()
