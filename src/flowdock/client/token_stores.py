"""Where the tokens of an application are kept between programs: a file, or whatever a function does with them."""

import json
from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import TypeAlias, cast

from flowdock.client import confidences
from flowdock.protocol.errors import BadSetting
from flowdock.protocol.resources import AccessToken

Store: TypeAlias = Callable[[AccessToken], object] | str | PathLike[str]
"""A function that is called with new tokens before they are used, or the path of a file that only its owner may read.

The refresh token among them is good once: a program that used new ones and forgot them would be locked out.
"""


def keep(store: Store | None, tokens: AccessToken) -> None:
    """Store them; what the store raises goes through."""
    if callable(store):
        store(tokens)
    elif store is not None:
        confidences.write(Path(store), json.dumps(tokens, indent=2) + "\n")


def kept(store: Store | None) -> AccessToken | None:
    """The tokens in the file, if the store is one and it is there.

    Raises:
        BadSetting: it holds something else.
    """
    if store is None or callable(store):
        return None
    try:
        content = json.loads(Path(store).read_bytes())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise BadSetting(f"the tokens in {store} are not JSON; remove it and ask for others") from error
    if not isinstance(content, dict) or not isinstance(content.get("access_token"), str):
        raise BadSetting(f"there is no access_token in {store}; remove it and ask for another")
    return cast("AccessToken", content)


def forget(store: Store | None) -> None:
    """Remove the file, if the store is one."""
    if store is not None and not callable(store):
        Path(store).unlink(missing_ok=True)
