"""Spans of OpenTelemetry around calls, for whoever hands in a tracer; without one nothing is done, nor imported.

Source: OpenTelemetry's semantic conventions for HTTP clients; W3C Trace Context.
"""

from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from flowdock.client.calls import Call
from flowdock.protocol.errors import ApiError, FlowdockError


class SpanContext(Protocol):
    """What identifies a span."""

    @property
    def trace_id(self) -> int:
        """Of the whole trace; 128 bits."""

    @property
    def span_id(self) -> int:
        """Of the span; 64 bits."""

    @property
    def trace_flags(self) -> int:
        """Whether it is kept; 8 bits."""


class Span(Protocol):
    """One piece of work that is measured."""

    def set_attribute(self, key: str, value: Any) -> None:
        """Note something about it."""

    def get_span_context(self) -> SpanContext:
        """What identifies it."""


class Tracer(Protocol):
    """What `opentelemetry.trace.get_tracer(…)` gives."""

    def start_as_current_span(
        self, name: str, *, attributes: Mapping[str, Any] | None = None
    ) -> AbstractContextManager[Any]:
        """A span around what happens inside."""


@contextmanager
def traced(tracer: Tracer, call: Call[Any]) -> Generator[dict[str, str]]:
    """A span around a call; the headers by which the server may belong to it."""
    # The row, not the path: whoever counts by it wants few names, and no secrets.
    name = f"{call.endpoint.method} {call.endpoint.path}"
    attributes = {"http.request.method": call.endpoint.method, "url.template": call.endpoint.path}
    with tracer.start_as_current_span(name, attributes=attributes) as span:
        try:
            yield {"traceparent": _traceparent(span.get_span_context())}
        except FlowdockError as error:
            span.set_attribute("error.type", type(error).__name__)
            if isinstance(error, ApiError):
                span.set_attribute("http.response.status_code", error.status)
            span.set_attribute("http.request.resend_count", error.tries - 1)
            raise


def _traceparent(context: SpanContext) -> str:
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"
