"""What pages say about the code is so: links, names, parameters, variables, targets."""

import ast
import importlib
import inspect
import re
from pathlib import Path

import pytest

import flowdock
from flowdock import constructors
from flowdock.client import profile
from flowdock.protocol import errors
from tests.docs.story import ROOT
from tests.docs.test_pages import PAGES
from tools import reference

CLIENT = (ROOT / "docs/reference/client.md").read_text(encoding="utf-8")
ERRORS = (ROOT / "docs/reference/errors.md").read_text(encoding="utf-8")
SETTINGS = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"(?m)^#+ (.+)$", page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        name, _, anchor = target.partition("#")
        linked = (page.parent / name).resolve() if name else page
        assert linked.exists(), f"{target} leads nowhere"
        assert not anchor or anchor in anchors(linked), f"{target}: no such heading"


def test_generated_pages_are_up_to_date() -> None:
    assert reference.difference(ROOT, reference.pages()) == "", "run 'python tools/reference.py'"


@pytest.mark.parametrize("name", sorted(set(flowdock.__all__) - {"__version__"}))
def test_every_public_name_is_in_the_reference(name: str) -> None:
    assert re.search(rf"\b{name}\b", CLIENT + ERRORS)


@pytest.mark.parametrize("kind", [flowdock.Client, flowdock.Flow, flowdock.Private, flowdock.Thread, flowdock.Service])
def test_every_method_of_the_client_is_in_the_reference(kind: type) -> None:
    for name, method in inspect.getmembers(kind, inspect.isfunction):
        if not name.startswith("_"):
            assert is_told(name, method), f"{kind.__name__}.{name}{inspect.signature(method)} is not in client.md"


@pytest.mark.parametrize("name", ["author", "thread", "field", "status", "view_action", "update_action"])
def test_every_constructor_is_in_the_reference(name: str) -> None:
    assert is_told(f"new.{name}", getattr(constructors, name))


def is_told(name: str, function: object) -> bool:
    """Whether a call of this name, with all its parameters in their order, is in the table of the client."""
    assert callable(function)
    parameters = list(inspect.signature(function).parameters.values())
    wanted = [one.name for one in parameters if one.name != "self" and one.kind is not one.VAR_KEYWORD]
    told = re.findall(rf"`(?:client\.)?{re.escape(name)}\(([^)`]*)\)`", CLIENT)
    return any([part.split("=")[0].strip() for part in one.split(",") if part][: len(wanted)] == wanted for one in told)


def test_the_tree_of_errors_is_the_one_in_the_code() -> None:
    assert inspect.cleandoc(str(errors.__doc__)).partition("\n\n")[2].partition("\n\nSource")[0] in textually(ERRORS)


def textually(page: str) -> str:
    """The page with its blocks indented as a docstring would."""
    return re.sub(r"(?m)^(?=.)", "    ", page)


def test_every_variable_of_the_environment_is_in_the_reference() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    for name in set(re.findall(r"FLOWDOCK_[A-Z]+(?:_[A-Z]+)*", sources)):
        assert f"`{name}" in SETTINGS or f"`${name}" in SETTINGS, name


@pytest.mark.parametrize("member", profile.MEMBERS)
def test_every_member_of_the_profile_is_in_the_reference(member: str) -> None:
    assert f"`{member}`" in SETTINGS


JOURNEY = re.findall(r"(?m)^\| \d+ \| `([\w/.]+)` \| `([\w.]+)` \|", ARCHITECTURE)


def test_the_journey_of_a_message_has_all_its_stops() -> None:
    assert len(JOURNEY) == 12


@pytest.mark.parametrize("path, name", JOURNEY)
def test_every_stop_of_the_journey_is_in_the_code(path: str, name: str) -> None:
    found: object = importlib.import_module(f"flowdock.{path.removesuffix('.py').replace('/', '.')}")
    for part in name.split("."):
        found = getattr(found, part)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_that_is_named_is_there(page: Path) -> None:
    roots = (ROOT, ROOT / "src" / "flowdock")
    for path in re.findall(r"`((?:\w[\w.-]*/)+[\w.-]+\.(?:py|md|toml))`", page.read_text(encoding="utf-8")):
        assert any((root / path).exists() for root in roots), path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_target_of_make_that_is_named_is_in_the_makefile(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"(?:\$ |`)make ([a-z]+)", page.read_text(encoding="utf-8")):
        assert re.search(rf"(?m)^{target}:", makefile), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_python_block_is_python_for_the_oldest_version(page: Path) -> None:
    for block in re.findall(r"(?ms)^```python[^\n]*\n(.*?)^```$", page.read_text(encoding="utf-8")):
        ast.parse(block, feature_version=(3, 11))


def test_the_readme_can_be_read_in_one_go() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150
