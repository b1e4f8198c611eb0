"""The files that are deployed, read: what each says to run, with which environment."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def text(name: str) -> str:
    """A file of the folder."""
    return (DEPLOY / name).read_text(encoding="utf-8")


def said(pattern: str, in_text: str) -> str:
    """What the pattern's group is, in the one place where the text has it."""
    [found] = re.findall(pattern, in_text)
    return str(found)


def compose() -> dict[str, Any]:
    """What `docker compose` reads."""
    read: dict[str, Any] = yaml.safe_load(text("compose.yaml"))
    return read


def service(name: str) -> dict[str, Any]:
    """One of its services."""
    found: dict[str, Any] = compose()["services"][name]
    return found


def kubernetes() -> dict[str, dict[str, Any]]:
    """The objects for Kubernetes, by kind."""
    return {one["kind"]: one for one in yaml.safe_load_all(text("kubernetes.yaml"))}


def container() -> dict[str, Any]:
    """The one container of its pods."""
    [found] = kubernetes()["Deployment"]["spec"]["template"]["spec"]["containers"]
    return dict(found)


def unit() -> dict[str, list[str]]:
    """What the unit for systemd says, by name; of different sections, as no name is in two."""
    said: dict[str, list[str]] = {}
    for line in text("flowdock.service").splitlines():
        if line and line[0] not in "#[":
            name, _, value = line.partition("=")
            said.setdefault(name, []).append(value)
    return said


def settings(example: str, *, with_commented: bool = False) -> dict[str, str]:
    """The environment in an example; `with_commented` also what somebody may want to set."""
    pattern = r"(?m)^#?([A-Z_]+)=(.*)$" if with_commented else r"(?m)^([A-Z_]+)=(.*)$"
    return dict(re.findall(pattern, text(example)))


def interpolated(value: str, environment: Mapping[str, str]) -> str:
    """The value with `${NAME}`, `${NAME:-else}` and `${NAME:?error}` replaced, as Compose does."""

    def replaced(found: "re.Match[str]") -> str:
        name, operator, word = found.groups()
        return environment.get(name) or (word if operator == ":-" else "")

    return re.sub(r"\$\{([A-Z_]+)(?:(:[-?])([^}]*))?\}", replaced, value)


def instructions() -> list[tuple[str, str]]:
    """The Containerfile's instructions in order, each as its name and the rest, continued lines joined."""
    lines = [line for line in text("Containerfile").splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [
        (word, " ".join(rest.split()))
        for word, _, rest in (line.partition(" ") for line in joined.splitlines() if line)
    ]


def images() -> Sequence[str]:
    """Every image that is named anywhere, once."""
    built_on = [rest.split()[0] for word, rest in instructions() if word == "FROM"]
    used = [one["image"] for one in compose()["services"].values()]
    return list(dict.fromkeys([*built_on, *used, container()["image"]]))
