"""Starting: the first answer of `flowdock up` on an existing folder, its memory when idle, and `import flowdock`.

python -m benchmarks.bench_start
"""

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from benchmarks import harness

ROUNDS = 5


def up(folder: Path) -> tuple[float, float]:
    """Seconds until the first answer, and MiB of memory a moment later."""
    port = harness.free_port()
    environment = os.environ | {"FLOWDOCK_PROFILE": str(folder / "profile.json")}
    arguments = [sys.executable, "-m", "flowdock", "up", "--data", str(folder / "data"), "--port", str(port), "--json"]
    begun = time.perf_counter()
    process = subprocess.Popen(arguments, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())
    request = urllib.request.Request(f"{told['api_url']}/flows?access_token={told['token']}")  # noqa: S310 - ours
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - ours
        answer.read()
    seconds = time.perf_counter() - begun
    memory = harness.Running(port, process.pid, "", "", folder).rss_mib()
    process.send_signal(signal.SIGTERM)
    process.wait(10)
    return seconds, memory


def imported(code: str) -> float:
    """Milliseconds that a fresh interpreter needs for this code."""
    timed = f"import time; begun = time.perf_counter(); {code}; print((time.perf_counter() - begun) * 1000)"
    return float(subprocess.run([sys.executable, "-c", timed], check=True, capture_output=True, text=True).stdout)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as made:
        first, _ = up(Path(made))
        starts = [up(Path(made)) for _ in range(ROUNDS)]
    seconds = sorted(one[0] for one in starts)
    rows = [
        ("`flowdock up`, empty folder, first answer", f"{first:.2f} s", ""),
        (
            "`flowdock up`, existing folder, first answer",
            f"{statistics.median(seconds):.2f} s",
            f"to {seconds[-1]:.2f}",
        ),
        ("memory, idle", f"{statistics.median(one[1] for one in starts):.0f} MiB", ""),
    ]
    for label, code in (
        ("`import flowdock`", "import flowdock"),
        ("first use of `flowdock.connect`", "import flowdock; flowdock.connect"),
    ):
        times = sorted(imported(code) for _ in range(ROUNDS))
        rows.append((label, f"{statistics.median(times):.0f} ms", f"to {times[-1]:.0f}"))
    harness.table("Starting", rows, columns=("what", "median", "largest"))


if __name__ == "__main__":
    main()
