"""Profiles: the files in which a person's server, flow and tokens are kept between programs.

Each is one JSON object with any of the members `MEMBERS`. It holds tokens, so only its owner may read it. Whoever talks
to several servers, or to one as several people, has several, each with a name. In the folder for configuration:

    flowdock/profile.json           the one called "default"
    flowdock/profiles/work.json     the one called "work"
    flowdock/profile-in-use         the name of the one that is taken when nothing else is said
"""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

from flowdock.client import confidences
from flowdock.protocol.errors import BadSetting

VARIABLE = "FLOWDOCK_PROFILE"
DEFAULT = "default"

MEMBERS = ("api_url", "stream_url", "org", "flow", "token", "flow_token")


_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def is_name(text: str) -> bool:
    """Whether this can be the name of a profile: letters, digits, `-` and `_`; anything else is a path."""
    return _NAME.fullmatch(text) is not None


def in_use(environ: Mapping[str, str]) -> str:
    """The name or the path of the profile: `$FLOWDOCK_PROFILE`, else what `use` has written, else "default"."""
    if chosen := environ.get(VARIABLE):
        return chosen
    try:
        used = _note(environ).read_text("utf-8").strip()
    except (OSError, UnicodeError):
        return DEFAULT
    return used if is_name(used) else DEFAULT


def place(environ: Mapping[str, str], name: str | None = None) -> Path:
    """Where the profile of this name is, or that of the path; without one, the profile in use."""
    chosen = in_use(environ) if name is None else name
    if not is_name(chosen):
        return Path(chosen)
    folder = _folder(environ)
    return folder / "profile.json" if chosen == DEFAULT else folder / "profiles" / f"{chosen}.json"


def names(environ: Mapping[str, str]) -> list[str]:
    """The names of the profiles there are, "default" first."""
    found = sorted(path.stem for path in (_folder(environ) / "profiles").glob("*.json") if is_name(path.stem))
    return [DEFAULT, *found] if place(environ, DEFAULT).is_file() else found


def stored(environ: Mapping[str, str], name: str | None = None) -> dict[str, str]:
    """The members of the profile of this name, or of the one in use.

    Raises:
        BadSetting: there is no such profile, or it is not one. None at all called "default", or at the path in
            `$FLOWDOCK_PROFILE`, is an empty one.
    """
    path, chosen = place(environ, name), in_use(environ) if name is None else name
    is_wanted = name is not None or is_name(chosen)
    if is_wanted and chosen != DEFAULT and not os.path.lexists(path):
        there = ", ".join(names(environ)) or "none"
        makes = f"; 'flowdock login --profile {chosen}' makes it" if is_name(chosen) else ""
        raise BadSetting(f"there is no profile {chosen!r}; those there are: {there}{makes}")
    return read(path)


def use(environ: Mapping[str, str], name: str) -> None:
    """Make this the profile that is taken when nothing else is said.

    Raises:
        BadSetting: there is no such profile.
        OSError: the choice cannot be written.
    """
    stored(environ, name)
    confidences.write(_note(environ), f"{name}\n")


def remove(environ: Mapping[str, str], name: str) -> None:
    """Remove a profile, with the only copy of its tokens; if it was in use, "default" is from now on.

    Raises:
        BadSetting: there is no such profile.
    """
    path = place(environ, name)
    if not is_name(name) or not os.path.lexists(path):
        raise BadSetting(f"there is no profile {name!r}; those there are: {', '.join(names(environ)) or 'none'}")
    if in_use({key: value for key, value in environ.items() if key != VARIABLE}) == name:
        _note(environ).unlink(missing_ok=True)
    path.unlink()


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


def _folder(environ: Mapping[str, str]) -> Path:
    # Without a home folder `~` stays as it is, which is a profile that is not there.
    folder = environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")  # noqa: PTH111, PTH118
    return Path(folder, "flowdock")


def _note(environ: Mapping[str, str]) -> Path:
    return _folder(environ) / "profile-in-use"


def _text(path: Path, key: str, value: object) -> str:
    if not isinstance(value, str):
        # The value stays unsaid: it may be a token.
        raise BadSetting(f"{key} in the profile {path} is not a text; correct it or remove it")
    return value
