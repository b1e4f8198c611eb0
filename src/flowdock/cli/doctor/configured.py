"""What this machine says: the profile, variables of the environment, proxies."""

import os
import stat
from collections.abc import Iterator
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from flowdock.cli.doctor.findings import Case, Finding, fine, note, wrong
from flowdock.client import profile, settings

SECRET = frozenset({"FLOWDOCK_TOKEN", "FLOWDOCK_FLOW_TOKEN"})


def stored(_case: Case) -> Iterator[Finding]:
    """Whether the profile can be read, whose it is, and who else may read it."""
    path = profile.place(os.environ)
    name = profile.in_use(os.environ)
    called = f"{name!r}, {path}" if profile.is_name(name) else str(path)
    try:
        status = path.stat()
        readable = os.access(path, os.R_OK)
    except OSError:
        yield note("profile", f"there is none at {path}", "'flowdock login' makes it, if you want one")
        return
    if not readable:
        yield wrong(
            "profile", f"{called} belongs to user {status.st_uid} and cannot be read", f"chown or remove {path}"
        )
        return
    server = profile.read(path).get("api_url", settings.DEFAULT_API_URL)
    if os.name != "nt" and stat.S_IMODE(status.st_mode) & 0o077:
        yield note("profile", f"{called} holds tokens and others may read it", f"chmod 600 {path}")
    else:
        yield fine("profile", f"{called}, of {server}")


def variables(case: Case) -> Iterator[Finding]:
    """Which variables say something else than the profile."""
    named = [name for name in settings.ENVIRONMENT.values() if os.environ.get(name)]
    if not named:
        return
    told = ", ".join(name if name in SECRET else f"{name}={os.environ[name]}" for name in named)
    yield note("environment", f"{told}; before the profile", f"unset {' '.join(named)}, if that is not meant")
    server = profile.stored(os.environ).get("api_url")
    if server is not None and server.rstrip("/") != case.where.api_url and not os.environ.get("FLOWDOCK_TOKEN"):
        yield note("environment", f"the token of the profile is for {server} and not used for {case.where.api_url}")


def proxied(url: str) -> str | None:
    """The address of the proxy by which an address is reached, without what opens it; None for the direct way."""
    parts = urlsplit(url)
    found = getproxies().get(parts.scheme) or getproxies().get("all")
    if not found or proxy_bypass(parts.netloc):
        return None
    proxy = urlsplit(found if "://" in found else f"http://{found}")
    return f"{proxy.scheme}://{proxy.hostname}:{proxy.port or 80}"


def proxies(case: Case) -> Iterator[Finding]:
    """Whether something stands between, because a variable says so."""
    if proxy := proxied(case.where.api_url):
        host = urlsplit(case.where.api_url).hostname
        yield note("proxy", f"{proxy}, as the environment says", f"NO_PROXY={host} goes the direct way")
