"""Sends per second, from 1 and from 32 connections, beside a trivial Starlette POST in the same run.

python -m benchmarks.bench_sends [seconds]
"""

import subprocess
import sys

import uvloop

from benchmarks import harness

TRIVIAL = """
import sys, uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
async def post(request):
    content = await request.json()
    return JSONResponse({"got": len(content)}, status_code=201)
uvicorn.run(Starlette(routes=[Route("/", post, methods=["POST"])]), port=int(sys.argv[1]), log_level="warning",
            access_log=False, loop="uvloop", http="httptools")
"""


def measured(port: int, content: bytes, seconds: float) -> list[str]:
    """Rates as text for 1 and 32 connections: median of three, smallest and largest, and latencies."""
    cells = []
    for connections in (1, 32):
        rates = [uvloop.run(harness.hammer(port, content, connections=connections, seconds=seconds)) for _ in range(3)]
        rates.sort(key=lambda rate: rate.per_second)
        middle = rates[1]
        cells.append(
            f"{middle.per_second:,.0f} [{rates[0].per_second:,.0f} to {rates[2].per_second:,.0f}],"
            f" p50 {middle.p50_ms:.2f} ms, p99 {middle.p99_ms:.1f} ms"
        )
    return cells


def trivial(seconds: float) -> list[str]:
    """What the web toolkit reaches with an empty handler."""
    port = harness.free_port()
    process = subprocess.Popen([sys.executable, "-c", TRIVIAL, str(port)])
    harness.pin(process.pid, 0)
    try:
        harness.wait_for(port)
        return measured(port, harness.request("POST", "/", "x", harness.BODY), seconds)
    finally:
        process.terminate()
        process.wait()


def main() -> None:
    """Measure and print."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
    with harness.served() as server:
        content = harness.request("POST", "/flows/acme/main/messages", server.token, harness.BODY)
        ours = measured(server.port, content, seconds)
    base = trivial(seconds)
    rows = [("send, durable", *ours), ("trivial Starlette POST", *base)]
    harness.table("Sends per second", rows, columns=("what", "1 connection", "32 connections"))  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
