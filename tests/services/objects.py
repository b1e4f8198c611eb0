"""An object store that speaks S3, for tests: moto's server, which keeps objects in memory until it ends."""

import sys
from http.client import HTTPConnection
from typing import ClassVar

from tests.services.machine import HOST
from tests.services.service import Service

REGION = "us-east-1"


class ObjectStore(Service):
    """An object store of our own."""

    name: ClassVar[str] = "objects"

    @property
    def endpoint(self) -> str:
        """Its address, the same for every bucket."""
        return f"http://{HOST}:{self.port}"

    def bucket(self, name: str) -> str:
        """Make a bucket, or keep the one there is, and return its URL, `s3://name`."""
        if (status := self._ask("PUT", f"/{name}")) != 200:
            raise ValueError(f"the object store answered {status} to a bucket named {name!r}")
        return f"s3://{name}"

    def environment(self) -> dict[str, str]:
        """What a client has to find in its environment to reach it: address and key, and that http will do."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "flowdock-tests",
            "AWS_SECRET_ACCESS_KEY": "no secret",
            "AWS_ALLOW_HTTP": "true",
        }

    def command(self) -> list[str]:
        return [sys.executable, "-m", "moto.server", "--host", HOST, "--port", str(self.port)]

    def answers(self) -> bool:
        try:
            return self._ask("GET", "/") == 200
        except OSError:
            return False

    def _ask(self, method: str, path: str) -> int:
        connection = HTTPConnection(HOST, self.port, timeout=10)
        try:
            connection.request(method, path)
            return connection.getresponse().status
        finally:
            connection.close()
