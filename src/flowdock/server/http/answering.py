"""From a request to an answer: who asks, what for, which action, and what it gave back as HTTP.

Every endpoint of the table is answered here; `routes.py` only says by which action.
"""

import logging
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, partial
from inspect import iscoroutinefunction
from types import NoneType
from typing import Any, get_args, get_type_hints
from urllib.parse import urlencode

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from flowdock.protocol.endpoints import Endpoint
from flowdock.protocol.errors import body_of
from flowdock.server.actions import sending
from flowdock.server.actions.answers import Accepted, Empty, Encoded, Form, Linked, Special, Whispered
from flowdock.server.domain import permissions
from flowdock.server.domain.actors import Actor, Integration, Person
from flowdock.server.domain.permissions import Role, Rule, demand_scope
from flowdock.server.domain.refusals import Refusal, invalid, not_found, unavailable
from flowdock.server.files import Files, Upload, upload_from_json
from flowdock.server.http import parameters, takeover
from flowdock.server.http.credentials import Credentials
from flowdock.server.http.limits import Limits
from flowdock.server.http.searching import searched
from flowdock.server.hub.expiring import Expiring
from flowdock.server.outgoing import Outgoing
from flowdock.server.records import StoredFile
from flowdock.server.store.store import Store
from flowdock.server.store.transaction import Appended, NotFound, Transaction, Unavailable

Action = Callable[..., Any]
Headers = list[tuple[bytes, bytes]]

JSON_HEADER = (b"content-type", b"application/json; charset=utf-8")
FORM_HEADER = (b"content-type", b"application/x-www-form-urlencoded")
WHISPER_SECONDS = 2
"""How long the same is not whispered again."""
WAIT_HEADER = b"x-flowdock-wait-for-message"
_LARGEST_NUMBER = 2**63 - 1
"""What a database can still compare with."""

log = logging.getLogger("flowdock.http")

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Service:
    """What answering needs."""

    store: Store
    whisper: Callable[[Sequence[Appended]], None]
    """Lets everybody hear what is not stored."""
    expiring: Expiring
    files: Files
    credentials: Credentials
    limits: Limits
    outgoing: Outgoing


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, and with which headers: what an errand may want to know beside its parameters."""

    actor: Actor
    scope: Scope

    def header(self, name: str) -> str:
        """The value of a header, empty where there is none."""
        wanted = name.lower().encode()
        return next((value.decode("latin-1") for one, value in self.scope["headers"] if one == wanted), "")


@dataclass(frozen=True, slots=True)
class Binding:
    """An endpoint and what answers it; `aside` tells of parameters that make a read long.

    That is an action, a function of a transaction and an actor; or an errand, a coroutine of the service and of who
    asked, where one transaction is not all there is to do.
    """

    endpoint: Endpoint[Any]
    action: Action
    aside: Callable[[Mapping[str, object]], bool] | None = None
    always: Mapping[str, object] = field(default_factory=dict)
    """Parameters that are so whatever was sent."""
    methods: tuple[str, ...] = ()
    """By which it is answered in the same way, besides its own."""
    rule: Rule = field(init=False)
    """What has to be permitted to whoever asks."""
    is_errand: bool = field(init=False)
    knows_token: bool = field(init=False)
    """Whether `token` is another name of `flow_token` here."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "rule", permissions.TABLE[self.endpoint.permission])
        object.__setattr__(self, "is_errand", iscoroutinefunction(self.action))
        object.__setattr__(
            self, "knows_token", {"token", "flow_token"} <= set(get_type_hints(self.endpoint.parameters))
        )


async def answer(scope: Scope, send: Send, status: int, body: bytes, headers: Headers) -> None:
    """Send a whole answer."""
    if status != 204:
        kind = () if headers and headers[0][0] == b"content-type" else (JSON_HEADER,)
        headers = [*kind, (b"content-length", b"%d" % len(body)), *headers]
    if takeover.answer(scope, status, headers, body):
        return
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def refuse(scope: Scope, send: Send, refusal: Refusal, headers: Headers) -> None:
    """Send a refusal."""
    more: Headers = [*headers]
    if refusal.status == 401 and not _from_a_page(scope):
        more.append((b"www-authenticate", b'Basic realm="Flowdock"'))
    if refusal.retry_after or refusal.status == 503:
        more.append((b"retry-after", b"%d" % (refusal.retry_after or 1)))
    await answer(scope, send, refusal.status, body_of(refusal.message, refusal.errors), more)


def refusal_of(error: Exception) -> Refusal:
    """What the caller is told of whatever went wrong."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, NotFound):
        return not_found()
    if isinstance(error, Unavailable):
        return unavailable()
    log.error("a request failed", exc_info=error)
    return Refusal(500, "Something went wrong here; the server's log says what")


def user_header(actor: Actor | None) -> Headers:
    """`Flowdock-User`, by which bots learn who they are."""
    return [(b"flowdock-user", str(actor.user_id).encode())] if isinstance(actor, Person) else []


class Answering:
    """An endpoint as an ASGI application."""

    def __init__(self, binding: Binding, service: Callable[[], Service]) -> None:
        self._binding = binding
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        service, actor = self._service(), None
        try:
            rule = self._binding.rule
            actor = await service.credentials.from_header(scope, rule)
            given = await parameters.read(
                Request(scope, receive), limits=service.limits, nullable=nullable(self._binding.endpoint.parameters)
            )
            try:
                if self._binding.knows_token and "flow_token" not in given:
                    given["flow_token"] = given.get("token")
                if actor is None or (Role.SOURCE in rule.roles and given.get("flow_token")):
                    actor = await service.credentials.from_parameters(given, rule)
                demand_scope(rule, actor)
                result = await self._act(service, Asked(actor, scope), given)
            finally:
                for upload in parameters.uploads_in(given):
                    upload.close()
            await self._reply(service, actor, scope, send, result)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - every failure gets its answer
            await refuse(scope, send, refusal_of(error), user_header(actor))

    async def _act(self, service: Service, asked: Asked, given: dict[str, object]) -> Any:
        binding, actor = self._binding, asked.actor
        wanted = converted(binding.endpoint, {**given, **binding.always})
        try:
            wanted.update(binding.endpoint.placed(asked.scope["path_params"]))
        except LookupError:
            raise not_found() from None
        if binding.is_errand:
            return await binding.action(service, asked, **wanted)
        if binding.endpoint.method == "GET":
            return await self._read(service, actor, wanted)
        kept = await _keep_files(service, actor, wanted)
        try:
            result = await service.store.write(
                lambda tx: binding.action(tx, actor, **wanted), about=_place_of(actor, wanted)
            )
        except Exception:
            # Only when nothing was stored: a request that is merely cut off may be committed all the same.
            await _drop_files(service, kept)
            raise
        if isinstance(result, Whispered):
            await _whisper(service, result)
        if kept and isinstance(result, Encoded) and result.repeated:
            await _drop_files(service, kept)
        return result

    async def _read(self, service: Service, actor: Actor, wanted: dict[str, Any]) -> Any:
        binding, store = self._binding, service.store

        def action(tx: Transaction) -> Any:
            return binding.action(tx, actor, **wanted)

        if binding.aside is None or not binding.aside(wanted):
            return await store.read(action)
        return await searched(store, action)

    async def _reply(self, service: Service, actor: Actor, scope: Scope, send: Send, result: Any) -> None:
        briefly = isinstance(actor, Integration) and not _waits(scope)
        status, body, headers = _as_http(result, self._binding.endpoint.status, briefly=briefly)
        headers += user_header(actor)
        await answer(scope, send, status, body, headers)
        if isinstance(result, Empty):
            for path in result.files:
                await service.files.drop(path)


def _as_http(result: Any, status: int, *, briefly: bool) -> tuple[int, bytes, Headers]:
    """Status, body and headers for what an action gave back; `briefly` if a source need not see its message."""
    if isinstance(result, Encoded) and not briefly:
        return status, result.body, []
    if isinstance(result, Encoded | Accepted | Whispered):
        return 202, b"{}", []
    if isinstance(result, Empty) or (result is None and status == 204):
        return 204, b"", []
    if isinstance(result, Special | Form):
        return _with_headers(result, status)
    if isinstance(result, Linked):
        link = [(b"link", f'<{result.next_url}>; rel="next"'.encode())] if result.next_url else []
        return status, _encode(result.content), link
    return status, b"{}" if result is None else _encode(result), []


def _with_headers(result: Special | Form, status: int) -> tuple[int, bytes, Headers]:
    more = [(name.lower().encode(), value.encode()) for name, value in result.headers]
    if isinstance(result, Form):
        return status, urlencode(result.fields).encode(), [FORM_HEADER, *more]
    return result.status, _encode(result.content), more


def _place_of(actor: Actor, wanted: Mapping[str, Any]) -> Hashable:
    """What a write is about, as far as one can tell without looking: writes to one flow go together."""
    if isinstance(actor, Integration):
        return actor.log_id
    if "org" in wanted:
        return f"{wanted['org']}/{wanted.get('flow')}"
    if "user_id" in wanted and isinstance(actor, Person):
        return frozenset((actor.user_id, wanted["user_id"]))
    return wanted.get("flow")


def converted(endpoint: Endpoint[Any], given: Mapping[str, object]) -> dict[str, Any]:
    """The parameters in the types of the endpoint's row; what it does not know is left out.

    A number is as good as the text of its digits, as it would be in a query or a form.
    """
    texts, may_be_null = _names_of_texts(endpoint.parameters), nullable(endpoint.parameters)
    present = {
        name: str(value) if type(value) is int and name in texts else value
        for name, value in given.items()
        if value is not None or name in may_be_null
    }
    try:
        wanted: dict[str, Any] = msgspec.convert(present, endpoint.parameters, strict=False)
    except msgspec.ValidationError as error:
        problem, _, place = str(error).partition(" - at `$")
        field = place.strip("`").lstrip(".") or "parameters"
        raise Refusal(400, "Validation error", {field: [f"is wrong: {problem[:1].lower()}{problem[1:]}"]}) from error
    for name in _names_of_numbers(endpoint.parameters):
        if abs(wanted.get(name, 0)) > _LARGEST_NUMBER:
            raise invalid(name, f"is wrong: it is beyond {_LARGEST_NUMBER}")
    return wanted


@cache
def _names_of_texts(parameters: type) -> frozenset[str]:
    return frozenset(name for name, kind in get_type_hints(parameters).items() if kind in (str, str | None))


@cache
def nullable(parameters: type) -> frozenset[str]:
    """The parameters whose type admits `null`; of all others it means that they were left out."""
    return frozenset(name for name, kind in get_type_hints(parameters).items() if NoneType in get_args(kind))


@cache
def _names_of_numbers(parameters: type) -> frozenset[str]:
    return frozenset(name for name, kind in get_type_hints(parameters).items() if kind is int)


async def _keep_files(service: Service, actor: Actor, wanted: dict[str, Any]) -> list[str]:
    """Put uploaded files where they are kept, in place of the uploads; only for those who may send."""
    content = wanted.get("content")
    if isinstance(content, str) and "attachments" not in wanted:
        return []
    if wanted.get("event") == "file" and isinstance(content, Mapping):
        decode = partial(upload_from_json, content, spool_folder=service.limits.spool_folder)
        content = wanted["content"] = await run_in_threadpool(decode)
    uploads = [*parameters.uploads_in({"content": content}), *parameters.uploads_in(wanted.get("attachments"))]
    if not uploads:
        return []
    kept: dict[int, StoredFile] = {}
    try:
        log_id = await service.store.write(lambda tx: sending.may_post(tx, actor, wanted))
        for upload in uploads:
            kept[id(upload)] = StoredFile(dict(await service.files.keep(upload, log=log_id)))
    except Exception:
        await _drop_files(service, [str(file.content["path"]) for file in kept.values()])
        raise
    finally:
        for upload in uploads:
            upload.close()
    for name in ("content", "attachments"):
        if name in wanted:
            wanted[name] = _with_stored(wanted[name], kept)
    return [str(file.content["path"]) for file in kept.values()]


async def _whisper(service: Service, said: Whispered) -> None:
    """Let it be heard, unless the same was heard a moment ago, by whichever process."""
    if await service.expiring.first(said.name, seconds=WHISPER_SECONDS):
        service.whisper([Appended(log_id, 0, said.frame) for log_id in said.log_ids])


async def _drop_files(service: Service, paths: Sequence[str]) -> None:
    for path in paths:
        with suppress(Exception):
            await service.files.drop(path)


def _with_stored(value: object, kept: Mapping[int, StoredFile]) -> object:
    if isinstance(value, Upload):
        return kept[id(value)]
    if isinstance(value, dict):
        return {name: _with_stored(one, kept) for name, one in value.items()}
    return [_with_stored(one, kept) for one in value] if isinstance(value, list) else value


def _waits(scope: Scope) -> bool:
    return any(name == WAIT_HEADER for name, _ in scope["headers"])


def _from_a_page(scope: Scope) -> bool:
    """Whether a browser's page asks: it would pop up its own login for a Basic challenge."""
    return any(name in (b"origin", b"sec-fetch-mode", b"x-requested-with") for name, _ in scope["headers"])
