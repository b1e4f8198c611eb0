"""The profile: the one file in which a person's server, flow and tokens are kept between programs.

One JSON object with any of the members `MEMBERS`. It holds tokens, so only its owner may read it.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from flowdock.client import confidences
from flowdock.protocol.errors import BadSetting

MEMBERS = ("api_url", "stream_url", "org", "flow", "token", "flow_token")


def place(environ: Mapping[str, str]) -> Path:
    """Where the profile is: `$FLOWDOCK_PROFILE`, or `flowdock/profile.json` in the folder for configuration."""
    if chosen := environ.get("FLOWDOCK_PROFILE"):
        return Path(chosen)
    # Without a home folder `~` stays as it is, which is a profile that is not there.
    folder = environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")  # noqa: PTH111, PTH118
    return Path(folder, "flowdock", "profile.json")


def read(path: Path) -> dict[str, str]:
    """The members of the profile; nothing when there is none, or when it belongs to somebody else.

    Raises:
        BadSetting: it is not a JSON object of texts.
    """
    try:
        text = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return {}
    except OSError as error:
        raise BadSetting(f"the profile {path} cannot be read: {error.strerror}") from error
    try:
        content = json.loads(text)
    except ValueError as error:
        raise BadSetting(f"the profile {path} is not JSON ({error}); correct it or remove it") from error
    if not isinstance(content, dict):
        raise BadSetting(f"the profile {path} is not a JSON object; correct it or remove it")
    return {key: _text(path, key, value) for key, value in content.items() if key in MEMBERS and value is not None}


def write(path: Path, values: Mapping[str, str | None]) -> None:
    """Replace the profile by `values`, without those that are None, in one step and for its owner's eyes only.

    Raises:
        ValueError: a key is not one of `MEMBERS`.
        OSError: the file cannot be written; the old one is unchanged.
    """
    if unknown := sorted(values.keys() - set(MEMBERS)):
        raise ValueError(f"a profile has no {', '.join(unknown)}; its members are {', '.join(MEMBERS)}")
    content = {key: values[key] for key in MEMBERS if values.get(key) is not None}
    confidences.write(path, json.dumps(content, ensure_ascii=False, indent=2) + "\n")


def _text(path: Path, key: str, value: object) -> str:
    if not isinstance(value, str):
        # The value stays unsaid: it may be a token.
        raise BadSetting(f"{key} in the profile {path} is not a text; correct it or remove it")
    return value
