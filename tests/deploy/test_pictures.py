"""Drawings are whole by themselves, and nothing in them is cut off."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.deploy.files import ROOT

SVG = "{http://www.w3.org/2000/svg}"
OTHERS = {"chat.svg", "mark.svg", "terminal.svg"}
"""Screens, which programs draw, and the mark, in which nothing is to be read."""
DRAWN = [path for path in sorted((ROOT / "docs/pictures").glob("*.svg")) if path.name not in OTHERS]
PAGES = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs").rglob("*.md"))
CHARACTER = 0.602
"""How wide one is, in parts of the font's size; other fonts for terminals are narrower."""
MARGIN = 8

pytestmark = pytest.mark.parametrize("path", DRAWN, ids=lambda path: path.name)


def extents(root: ET.Element) -> list[tuple[str, float, float]]:
    """Each line of text, with where it begins and ends."""
    style = root.findtext(f"{SVG}style") or ""
    [usual] = re.findall(r"(?m)^text \{ font: (\d+)px", style)
    sizes: dict[str, str] = dict(re.findall(r"\.(\w+) \{[^}]*font-size: (\d+)px", style))
    found = []
    for text in root.iter(f"{SVG}text"):
        size = next((sizes[name] for name in text.get("class", "").split() if name in sizes), usual)
        width = CHARACTER * float(size) * len(text.text or "")
        left = float(text.get("x", "nan")) - (0 if text.get("text-anchor") == "start" else width / 2)
        found.append((text.text or "", left, left + width))
    return found


def test_it_needs_nothing_from_elsewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")

    assert not re.search(r"https?:|@import|@font-face|<image|<script|xlink", text)


def test_no_line_reaches_beyond_its_edge(path: Path) -> None:
    root = ET.fromstring(path.read_text(encoding="utf-8"))
    _, _, width, _ = map(float, root.get("viewBox", "").split())

    assert [line for line, left, right in extents(root) if not MARGIN <= left < right <= width - MARGIN] == []


def test_it_has_a_ground_of_its_own_so_that_it_can_be_read_on_any_page(path: Path) -> None:
    root = ET.fromstring(path.read_text(encoding="utf-8"))
    _, _, width, height = root.get("viewBox", "").split()
    ground = root.find(f"{SVG}rect")

    assert ground is not None
    assert (float(ground.get("width", 0)), float(ground.get("height", 0))) == (float(width) - 2, float(height) - 2)
    assert ground.get("fill") == "#181a1f"


def test_it_is_told_to_those_who_do_not_see_it(path: Path) -> None:
    root = ET.fromstring(path.read_text(encoding="utf-8"))

    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title")
    assert root.findtext(f"{SVG}desc")
    assert re.search(rf"!\[[^]]{{40,}}\]\([./]*pictures/{path.name}\)", PAGES), (
        "no page shows it, with words in its place"
    )
