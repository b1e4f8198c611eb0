"""What the machine that runs the tests has: programs and ports."""

import os
import random
import shutil
import socket
from pathlib import Path

HOST = "127.0.0.1"
# Below the ports that systems give to outgoing connections: one of those could take the port of a service that is down.
_PORTS = range(20_000, 32_000)


class Missing(Exception):
    """A program is not installed; the text says what to install."""


def program(*names: str, package: str, folders: str = "usr/local/sbin") -> str:
    """The path of the first of these programs that is installed, also where only root looks.

    `folders` is a pattern, from the root, for more places to look in; that of the newest version comes first.
    """
    more = sorted(Path("/").glob(folders), key=_version, reverse=True)
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", *map(str, more)])
    for name in names:
        if found := shutil.which(name, path=path):
            return found
    raise Missing(f"{names[0]} is not installed; run tools/services, or install it (Debian, Ubuntu: {package})")


def free_port() -> int:
    """A port of the loopback on which nobody listens."""
    ports = random.SystemRandom()
    while True:
        port = ports.choice(_PORTS)
        with socket.socket() as probe:
            # As servers do: connections of the past do not count.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
        return port


def _version(folder: Path) -> list[int]:
    return [int(part) for part in folder.parts if part.isdigit()]
