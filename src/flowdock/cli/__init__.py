"""`flowdock …`: one module per command.

A command imports what it needs when it runs: the client for talking, the server only for `up`, `serve` and `admin`, so
that everything else starts quickly and works without the server's packages.
"""

import os
import sys


def main() -> None:
    """Run the command in `sys.argv`. Exit codes: 0 done, 1 refused or failed with one line on stderr, 2 wrong usage."""
    try:
        from flowdock.cli.app import app
    except ModuleNotFoundError as error:
        if (error.name or "flowdock").startswith("flowdock"):
            raise
        sys.exit(f"the command line needs the package {error.name}: install flowdock[cli]")
    except KeyboardInterrupt:
        sys.exit(130)
    try:
        app(prog_name="flowdock")
    except Exception as error:  # the last place before a traceback, which no user wants to see
        if os.environ.get("FLOWDOCK_TRACEBACK"):
            raise
        first_line = (str(error).splitlines() or ["no explanation"])[0]
        sys.exit(f"flowdock failed: {type(error).__name__}: {first_line}; FLOWDOCK_TRACEBACK=1 shows where")
