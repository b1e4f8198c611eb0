"""Runs in an interpreter that has the original wrapper and not this project, and does what the lines on stdin say.

    {"number": 7, "on": 3, "name": "send", "args": ["hi"], "keywords": {}}    →    {"number": 7, "value": {…}}

`on` is a thing of the wrapper kept here, 0 being the wrapper itself; an answer that is no JSON is kept as well and its
number returned. The wrapper's two globals come as arguments; nothing else of it is touched. Each call has a thread of
its own, because reading a stream waits.
"""

import importlib
import json
import operator
import sys
import threading
from base64 import b64encode
from importlib.metadata import version
from typing import Any

Things = list[Any]


def answer(things: Things, lock: threading.Lock, request: dict[str, Any]) -> None:
    """Do one call and print what came of it."""
    try:
        call = operator.attrgetter(request["name"])(things[request["on"]])
        told = describe(things, call(*request["args"], **request["keywords"]))
    except Exception as error:  # noqa: BLE001 - the test decides what it means
        told = {"raised": f"{type(error).__name__}: {error}"}
    with lock:
        sys.stdout.write(json.dumps({"number": request["number"], **told}) + "\n")
        sys.stdout.flush()


def describe(things: Things, result: object) -> dict[str, Any]:
    """A result as JSON."""
    if isinstance(result, bytes):
        return {"bytes": b64encode(result).decode()}
    try:
        json.dumps(result)
    except TypeError:
        things.append(result)
        return {"thing": len(things) - 1}
    return {"value": result}


def main() -> None:
    """Serve until stdin ends."""
    wrapper: Any = importlib.import_module("flowdock")
    wrapper.API, wrapper.STREAM = sys.argv[1:]
    things: Things = [wrapper, version("flowdock-api-wrapper").__str__]
    lock = threading.Lock()
    for line in sys.stdin:
        threading.Thread(target=answer, args=(things, lock, json.loads(line)), daemon=True).start()


if __name__ == "__main__":
    main()
