"""The proxies, run with the files that are deployed: only addresses and certificates are others."""

import json
import os
import socket
import subprocess
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from tests.deploy import files
from tests.services.machine import HOST, program
from tests.services.service import Service

_LOSES_BODIES = (2, 11, 1)
"""Source: caddyserver/caddy issue 7546."""


class Proxy(Service):
    """A proxy before some Flowdocks, each `host:port`."""

    def __init__(self, upstreams: Sequence[str], folder: Path | None = None) -> None:
        super().__init__(folder)
        self.upstreams = upstreams

    @property
    @abstractmethod
    def url(self) -> str:
        """Where it is reached."""

    @property
    def authority(self) -> Path | None:
        """Whose certificates to believe, if it speaks TLS."""
        return None

    def known_fault(self) -> str:
        """What this version does not do right, in words; nothing for most."""
        return ""

    def answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((HOST, self.port)) == 0


class Nginx(Proxy):
    """nginx with `nginx.conf`, inside of what a distribution puts around it."""

    name: ClassVar[str] = "nginx"

    @property
    def url(self) -> str:
        return f"https://{HOST}:{self.port}"

    @property
    def authority(self) -> Path:
        return self.folder / "flowdock.pem"

    def prepare(self) -> None:
        self._make_certificate()
        site = files.text("nginx.conf")
        for written, meant in {
            "10.0.0.11:3569": self.upstreams[0],
            "10.0.0.12:3569": self.upstreams[1],
            "listen 443 ": f"listen {HOST}:{self.port} ",
            "/etc/ssl/": f"{self.folder}/",
        }.items():
            assert written in site
            site = site.replace(written, meant)
        (self.folder / "site.conf").write_text(site)
        (self.folder / "nginx.conf").write_text(
            f"daemon off; master_process off; pid {self.folder}/pid; error_log stderr;\n"
            "events { worker_connections 256; }\n"
            f"http {{ access_log off; {self._folders()} include {self.folder}/site.conf; }}\n"
        )

    def command(self) -> list[str]:
        return [program("nginx", package="nginx-light"), "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]

    def _folders(self) -> str:
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        return " ".join(f"{kind}_temp_path {self.folder}/{kind};" for kind in kinds)

    def _make_certificate(self) -> None:
        key, certificate = self.folder / "flowdock.key", self.folder / "flowdock.pem"
        kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"]
        subject = ["-subj", "/CN=flowdock", "-addext", f"subjectAltName=IP:{HOST}"]
        openssl = program("openssl", package="openssl")
        self.run_to_end([openssl, "req", "-x509", *kind, *subject, "-keyout", str(key), "-out", str(certificate)])


class Caddy(Proxy):
    """Caddy with `Caddyfile`, without TLS: certificates it would have to ask the world for."""

    name: ClassVar[str] = "caddy"

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def prepare(self) -> None:
        adapted = subprocess.run(
            [program("caddy", package="caddy"), "adapt", "--config", files.DEPLOY / "Caddyfile"],
            env={**os.environ, "FLOWDOCK_SITE": self.url, "FLOWDOCK_UPSTREAMS": " ".join(self.upstreams)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert adapted.stderr == "", "caddy has something to say about the file; try 'caddy fmt --overwrite'"
        configuration = json.loads(adapted.stdout)
        # One such proxy is not to meddle with another one of this machine.
        configuration["admin"] = {"disabled": True, "config": {"persist": False}}
        configuration["storage"] = {"module": "file_system", "root": str(self.folder)}
        (self.folder / "caddy.json").write_text(json.dumps(configuration))

    def known_fault(self) -> str:
        said = subprocess.check_output([program("caddy", package="caddy"), "version"], text=True)
        version = files.said(r"^v?(\d+\.\d+\.\d+)", said)
        is_old = tuple(map(int, version.split("."))) <= _LOSES_BODIES
        return f"caddy {version} loses the bodies of requests that it tries again" if is_old else ""

    def command(self) -> list[str]:
        return [program("caddy", package="caddy"), "run", "--config", str(self.folder / "caddy.json")]
