"""Write the reference pages that are made from the code, or check that they are up to date.

    python tools/reference.py            write docs/reference/{endpoints,permissions,command-line}.md
    python tools/reference.py --check    exit with 1 and a diff when that would change anything

The endpoints come from `flowdock.protocol.endpoints`, permissions from `flowdock.server.domain.permissions`, the
command line from what `flowdock … --help` prints.
"""

import argparse
import difflib
import inspect
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from typer.main import get_command
from typer.testing import CliRunner

from flowdock.cli.app import app
from flowdock.protocol import endpoints
from flowdock.protocol import parameters as all_parameters
from flowdock.protocol.endpoints import PLACEHOLDERS, Endpoint
from flowdock.protocol.resources import SCOPES
from flowdock.server.domain import permissions
from flowdock.server.domain.permissions import Role, Rule

ROOT = Path(__file__).resolve().parent.parent
ENDPOINTS = Path("docs/reference/endpoints.md")
PERMISSIONS = Path("docs/reference/permissions.md")
COMMAND_LINE = Path("docs/reference/command-line.md")

NOTE = "<!-- Written by tools/reference.py; edit {source} instead. -->\n"
COLUMNS = "100"

ABOUT_ENDPOINTS = """# Endpoints

{note}
What this server answers, one row of `flowdock.protocol.endpoints` after the other; the client calls the same rows.

- **Credentials**: HTTP Basic with the token as user name, or with e-mail address and password; `Authorization: Bearer`;
  the parameter `access_token`; for a source the parameter `flow_token`.
- **Parameters** may be in the query, in a form, in JSON or in multipart, whatever the method.
- **Paths** may begin with `/v1` or `/v2`, end with a slash or `.json`, and have doubled slashes.
- **Answers** are JSON; `Flowdock-User` names the person who asked. `Message` and the other types are the `TypedDict`s
  of `flowdock.protocol.types`.
- **Streams** (`GET /stream/flows?filter=…`, `GET /stream/flows/{{org}}/{{flow}}`) and bodies of files (`GET` of a
  message's `path`) stand beside this table.

| request | parameters | answer | for |
| --- | --- | --- | --- |
"""

ABOUT_PERMISSIONS = """# Permissions

{note}
Who may do what: `flowdock.server.domain.permissions` as it stands in the code, which is the only place that decides.

- One of the **roles** is enough. Roles are towards the thing: *a member of the flow* is one of the flow that was asked
  for.
- A **limited token** (OAuth, or a personal token with scopes) also needs one of the scopes; a token without limits
  needs none. *None* means that only unlimited tokens may.
- Whoever may **not even see** the thing gets 404, as if it were not there: the answers are the same to the byte.
  Whoever sees it, but may not do this to it, gets 403.
- In an **archived** flow everything can be read; what is marked *no* in the last column cannot be done there any more.

| rule | roles | scopes of limited tokens | in archived flows | endpoints |
| --- | --- | --- | --- | --- |
"""

ABOUT_COMMANDS = """# Command line

{note}
`flowdock --install-completion` teaches your shell to complete all of this. Exit codes: 0 done, 1 refused or failed with
one line on standard error, 2 wrong usage.
"""


def endpoints_page() -> str:
    """The whole page of endpoints: a table of them, then the parameters, of which several share one list."""
    about = ABOUT_ENDPOINTS.format(note=NOTE.format(source="src/flowdock/protocol/endpoints.py"))
    used = {row.parameters for row in endpoints.ALL if get_type_hints(row.parameters)}
    # In the order of the module, where one says "the same" of the one before.
    sections = [_section(kind) for kind in vars(all_parameters).values() if isinstance(kind, type) and kind in used]
    return "\n".join([about + "".join(map(_line, endpoints.ALL)), _placeholders(), *sections])


def _line(row: Endpoint[Any]) -> str:
    rule = permissions.TABLE[row.permission]
    callers = ", ".join(role.value for role in Role if role in rule.roles)
    name = row.parameters.__name__
    parameters = f"[{name}](#{name.lower()})" if get_type_hints(row.parameters) else ""
    return f"| `{row.method} {row.path}` | {parameters} | {row.status} {_kind(row.result)} | {callers} |\n"


def permissions_page() -> str:
    """The whole page of permissions: the rules in their order, each with the endpoints that demand it first."""
    about = ABOUT_PERMISSIONS.format(note=NOTE.format(source="src/flowdock/server/domain/permissions.py"))
    return about + "".join(map(_rule, permissions.TABLE.values()))


def _rule(rule: Rule) -> str:
    roles = ", ".join(role.value for role in Role if role in rule.roles)
    scopes = ", ".join(f"`{scope}`" for scope in SCOPES if scope in rule.scopes) or "none"
    asked_for = "<br>".join(f"`{row.method} {row.path}`" for row in endpoints.ALL if row.permission == rule.name)
    return f"| {rule.name} | {roles} | {scopes} | {'yes' if rule.archived else 'no'} | {asked_for} |\n"


def _section(parameters: type) -> str:
    rows = [_parameter(name, hint) for name, hint in get_type_hints(parameters, include_extras=True).items()]
    about = str(inspect.getdoc(parameters))
    return "\n".join(
        [f"## {parameters.__name__}", "", about, "", "| parameter | type | |", "| --- | --- | --- |", *rows, ""]
    )


def _parameter(name: str, hint: Any) -> str:
    kind, about, *shapes = get_args(hint)
    return f"| `{name}` | {_escaped(_kind(shapes[0] if shapes else kind))} | {_escaped(str(about))} |"


def _placeholders() -> str:
    rows = [f"`{{{name}}}` is a {_kind(kind)}" for name, kind in PLACEHOLDERS.items()]
    return f"In paths {', '.join(rows)}.\n"


def _kind(kind: Any) -> str:
    """A type in the words of JSON."""
    simple = {str: "text", int: "number", bool: "boolean", object: "any", None: "`{}`", type(None): "`null`"}
    if kind in simple:
        return simple[kind]
    arguments = get_args(kind)
    if get_origin(kind) is list:
        return f"list of {_kind(arguments[0])}"
    if get_origin(kind) is dict:
        return "object"
    if arguments and all(isinstance(one, str) for one in arguments):
        return " or ".join(f"`{one}`" for one in arguments)
    if arguments:
        names = [getattr(one, "__name__", "") for one in arguments]
        return "`Message`" if "ChatMessage" in names else " or ".join(map(_kind, arguments))
    return f"`{kind.__name__}`"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def command_line_page() -> str:
    """The whole page of commands."""
    note = NOTE.format(source="src/flowdock/cli")
    sections = [f"## `{' '.join(('flowdock', *words))}`\n\n```text\n{_help(words)}```\n" for words in _commands()]
    return "\n".join([ABOUT_COMMANDS.format(note=note), *sections])


def _commands() -> Iterator[tuple[str, ...]]:
    """The words after `flowdock` of every command and every group of commands."""
    command: Any = get_command(app)
    yield ()
    for name, inner in command.commands.items():
        yield (name,)
        yield from ((name, deeper) for deeper in getattr(inner, "commands", ()))


def _help(words: Sequence[str]) -> str:
    environment = {"COLUMNS": COLUMNS, "FLOWDOCK_DATA": None, "FLOWDOCK_PUBLIC_URL": None}
    result = CliRunner().invoke(
        app, [*words, "--help"], prog_name="flowdock", env=environment, terminal_width=int(COLUMNS)
    )
    if result.exit_code:
        raise RuntimeError(f"flowdock {' '.join(words)} --help failed: {result.output}")
    return "".join(f"{line.rstrip()}\n" for line in result.output.splitlines())


def pages() -> dict[Path, str]:
    """What each page should contain, by its path from the root."""
    return {ENDPOINTS: endpoints_page(), PERMISSIONS: permissions_page(), COMMAND_LINE: command_line_page()}


def difference(root: Path, wanted: dict[Path, str]) -> str:
    """A unified diff from what is there to what is wanted, empty when they are the same."""
    lines: list[str] = []
    for path, text in wanted.items():
        there = (root / path).read_text(encoding="utf-8") if (root / path).exists() else ""
        was, should_be = there.splitlines(keepends=True), text.splitlines(keepends=True)
        lines += difflib.unified_diff(was, should_be, f"{path} as it is", f"{path} as it should be")
    return "".join(lines)


def main(arguments: Sequence[str], *, root: Path = ROOT) -> int:
    """The exit code: 0 done or up to date, 1 out of date, 2 wrong usage."""
    parser = argparse.ArgumentParser(prog="tools/reference.py", description="Write the generated reference pages")
    parser.add_argument("--check", action="store_true", help="change nothing; fail when something would change")
    check = parser.parse_args(arguments).check
    wanted = pages()
    diff = difference(root, wanted)
    if not check:
        for path, text in wanted.items():
            (root / path).write_text(text, encoding="utf-8")
        return 0
    if diff:
        print(diff, end="")
        print("the reference is not what the code makes of it; run 'python tools/reference.py'", file=sys.stderr)
    return 1 if diff else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
