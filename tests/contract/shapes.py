"""JSON values compared by their keys and types alone."""

from collections.abc import Mapping


def differences(recorded: object, ours: object, place: str = "") -> set[str]:
    """Where two shapes differ: `- key` only in the recorded one, `+ key` only in ours, `key: type → type` in both.

    Of lists the first elements are compared, where both have one.
    """
    if isinstance(recorded, dict) and isinstance(ours, dict):
        return _of_objects(recorded, ours, place)
    if isinstance(recorded, list) and isinstance(ours, list):
        return differences(recorded[0], ours[0], f"{place}[]") if recorded and ours else set()
    was, becomes = type_of(recorded), type_of(ours)
    return set() if was == becomes else {f"{place}: {was} → {becomes}"}


def type_of(value: object) -> str:
    """The JSON type."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def _of_objects(recorded: Mapping[str, object], ours: Mapping[str, object], place: str) -> set[str]:
    prefix = f"{place}." if place else ""
    found = {f"- {prefix}{name}" for name in recorded.keys() - ours.keys()}
    found |= {f"+ {prefix}{name}" for name in ours.keys() - recorded.keys()}
    for name in recorded.keys() & ours.keys():
        found |= differences(recorded[name], ours[name], f"{prefix}{name}")
    return found
