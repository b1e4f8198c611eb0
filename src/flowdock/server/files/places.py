"""Where files can be kept: what a folder or an address means, and how it may be shown.

    a path, or file:///srv/files      a folder, made when absent
    memory:///                        memory, for tests
    s3://bucket/prefix                S3, and what speaks like it: MinIO, Ceph, R2
    gs://bucket/prefix                Google Cloud Storage
    az://container/prefix             Azure, abfss://container@account.dfs.core.windows.net/prefix too

What an address does not say comes from the environment, under the names that each store's own programs use. A query
says it for this place alone: `s3://bucket?endpoint=https://minio.example.com&region=eu-north-1`. Its names are those of
obstore's configuration, and one of ours: `downloads=server`.

Source: obstore, `S3Config`, `GCSConfig`, `AzureConfig`.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from obstore.exceptions import BaseError
from obstore.store import AzureStore, GCSStore, LocalStore, MemoryStore, S3Store, from_url

from flowdock.server.files.failures import PlaceFailed, reason

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore, RetryConfig

_BUCKETS = frozenset({"s3", "s3a", "gs", "az", "azure", "adl", "abfs", "abfss", "https"})
_CONTAINER_BEFORE_ACCOUNT = frozenset({"abfs", "abfss"})
_DOWNLOADS = "downloads"
_ENDPOINT = re.compile(r"https?://[^/\s]+(?:/\S*)?")
_ENDPOINT_NAMES = ("base_url", "endpoint", "endpoint_url", "endpoint_url_s3")
_SECRET_NAMES = re.compile("key|secret|token|password|credential")

# Somebody waits for an upload: a hiccup is to go unnoticed, an outage is to be told soon.
_RETRIES: "RetryConfig" = {"max_retries": 3, "retry_timeout": timedelta(seconds=15)}
# A body may take as long as a slow reader takes for it, so only silence ends a request early.
_CLIENT: "ClientConfig" = {
    "allow_http": True,  # whether it is encrypted is for the endpoint's address to say, not for a second setting
    "connect_timeout": timedelta(seconds=5),
    "read_timeout": timedelta(seconds=60),
    "timeout": timedelta(hours=6),
}


@dataclass(frozen=True, slots=True)
class Place:
    """An open place. `name` is what people may read; `signs` says whether it serves its files under own addresses."""

    name: str
    store: "ObjectStore"
    signs: bool

    @property
    def is_near(self) -> bool:
        """Whether it is this machine."""
        return isinstance(self.store, (LocalStore, MemoryStore))


def open_place(place: str | Path) -> Place:
    """The place of this path or address. A folder is made; nothing else is asked whether it is there.

    Raises:
        PlaceFailed: there can be no such place.
    """
    if isinstance(place, Path) or "://" not in place:
        return _folder(Path(place))
    try:
        url = urlsplit(place)
    except ValueError as error:
        raise _wrong(shown(place), str(error)) from None
    if url.scheme == "file":
        return _folder(Path(unquote(url.path)))
    if url.scheme == "memory":
        return Place("memory:///", MemoryStore(), signs=False)
    if url.scheme in _BUCKETS:
        return _bucket(url, name=shown(place))
    raise _wrong(shown(place), f"files are not kept by {url.scheme}")


def shown(place: str | Path) -> str:
    """The place as people may read it: without a query and without credentials, which can both be secrets."""
    if isinstance(place, Path) or "://" not in place:
        return str(place)
    scheme, _, rest = place.partition("://")
    authority = re.split("[/?#]", rest, maxsplit=1)[0]
    if ":" in authority and "@" in rest:
        # Where a secret ends that was not escaped, nobody can tell.
        return f"{scheme}://…"
    if scheme not in _CONTAINER_BEFORE_ACCOUNT:
        rest = rest.removeprefix(f"{authority.rpartition('@')[0]}@")
    return f"{scheme}://{re.split('[?#]', rest, maxsplit=1)[0]}"


def _folder(path: Path) -> Place:
    try:
        return Place(str(path), LocalStore(path.absolute(), automatic_cleanup=True, mkdir=True), signs=False)
    except (BaseError, OSError) as error:
        raise PlaceFailed(
            f"files cannot be kept in {path}: {reason(error)}; choose another folder", passing=False
        ) from error


def _bucket(url: SplitResult, *, name: str) -> Place:
    config = _configuration(url, name=name)
    downloads = config.pop(_DOWNLOADS, "bucket")
    if downloads not in ("bucket", "server"):
        raise _wrong(name, f"downloads is {downloads!r}, and can be bucket or server")
    _check_endpoints(config, name=name)
    # The names of the three stores' settings differ, and which of them this is, the address decides.
    anything: Any = config
    try:
        store = from_url(
            url._replace(query="").geturl(), config=anything, client_options=_CLIENT, retry_config=_RETRIES
        )
    except (BaseError, OSError, ValueError) as error:
        # The client's own words may show a secret it could not read, so they end here.
        raise _wrong(name, _scrubbed(reason(error), config)) from None
    if not isinstance(store, (S3Store, GCSStore, AzureStore)):
        raise _wrong(name, "this is no object store")
    return Place(name, store, signs=downloads == "bucket")


def _configuration(url: SplitResult, *, name: str) -> dict[str, str]:
    has_user = url.username is not None and url.scheme not in _CONTAINER_BEFORE_ACCOUNT
    if has_user or url.password is not None or (":" in url.netloc and "@" in url.geturl()):
        raise _wrong(name, "credentials do not go before an @, but into the environment or the query")
    if url.fragment:
        raise _wrong(name, "there is a # in it; write it as %23")
    # In secrets a plus is frequent, and stands for itself.
    return dict(parse_qsl(url.query.replace("+", "%2B"), keep_blank_values=True))


def _check_endpoints(config: Mapping[str, str], *, name: str) -> None:
    """See that each endpoint is an address: the client would fail on it only later, and then beyond all catching."""
    for key, value in {**os.environ, **config}.items():
        is_ours = key in config or key.startswith(("AWS_", "AZURE_", "GOOGLE_"))
        if is_ours and key.lower().endswith(_ENDPOINT_NAMES) and not _ENDPOINT.fullmatch(value):
            raise _wrong(name, f"{key} is {value!r}, which is no address such as https://minio.example.com")


def _scrubbed(text: str, config: Mapping[str, str]) -> str:
    """What may be told of a failure: nothing from the first quotation on, which may be of a part of a secret."""
    secrets = [value for key, value in config.items() if value and _SECRET_NAMES.search(key.lower())]
    for value in secrets:
        text = text.replace(value, "…")
    return re.sub(r"""["'`].*""", "…", text, flags=re.DOTALL) if secrets else text


def _wrong(name: str, why: str) -> PlaceFailed:
    return PlaceFailed(
        f"files cannot be kept in {name}: {why}; FLOWDOCK_FILES takes a folder, or an address such as "
        "s3://bucket/prefix, gs://bucket/prefix or az://container/prefix",
        passing=False,
    )
