"""The recorded data in `data/`."""

import json
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


def recorded(path: str) -> Any:
    """What one file of it holds."""
    return json.loads((DATA / path).read_text(encoding="utf-8"))
