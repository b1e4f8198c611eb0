"""The site as `make docs` builds it from this repository, and as the server shows it."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from tests.contract.plain import ask
from tests.docs.story import ROOT
from tests.site.chromium import Chromium
from tests.site.serving import served
from tools.site.build import build

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


@dataclass
class Shown(HTMLParser):
    """What is in a page: what it loads, where it leads, and where others may lead into it."""

    url: str
    loads: list[str] = field(default_factory=list)
    leads: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    styles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.names.add(value or "")
            elif name == "href" and tag == "a":
                self.leads.append(urljoin(self.url, value))
            elif name in {"src", "href", "srcset", "poster"}:
                self.loads.append(urljoin(self.url, value))
            elif name == "style" or name.startswith("on"):
                self.styles.append(f"{tag} {name}={value}")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs") / "site"
    build(folder)
    return folder


@pytest.fixture(scope="module")
def url(site: Path) -> Iterator[str]:
    with served(site) as url:
        yield f"{url}/help/"


@pytest.fixture(scope="module")
def pages(url: str) -> dict[str, Shown]:
    """Every page that can be reached from the first one, by its address."""
    found: dict[str, Shown] = {}
    waiting = [url]
    while waiting:
        address = waiting.pop().partition("#")[0]
        if address in found or not address.startswith(url):
            continue
        answer = ask(address, "GET", urlsplit(address).path)
        assert answer.status == 200, f"{address} is linked and answered {answer.status}"
        shown = found[address] = Shown(address)
        if answer.headers.get_content_type() == "text/html":
            shown.feed(answer.body.decode())
            waiting += shown.leads
    return found


def test_every_page_can_be_reached_from_the_first(site: Path, url: str, pages: dict[str, Shown]) -> None:
    built = {url + str(file.relative_to(site)).removesuffix("index.html") for file in site.rglob("*.html")}

    assert built - pages.keys() == set(), "they belong into the navigation, in mkdocs.yml"


def test_every_page_of_the_repository_is_on_the_site(url: str, pages: dict[str, Shown]) -> None:
    for page in (ROOT / "docs").rglob("*.md"):
        path = str(page.relative_to(ROOT / "docs").with_suffix("")).removesuffix("README")
        assert url + path + ("/" if path else "") in pages


def test_every_anchor_is_there(url: str, pages: dict[str, Shown]) -> None:
    for page in pages.values():
        for link in page.leads:
            address, _, name = link.partition("#")
            if name and address.startswith(url):
                assert unquote(name) in pages[address].names, f"{page.url} links to {link}"


def test_a_page_loads_nothing_from_elsewhere_and_everything_it_loads_is_there(
    url: str, pages: dict[str, Shown]
) -> None:
    loaded = {address for page in pages.values() for address in page.loads if not address.startswith("data:")}

    assert {address for address in loaded if not address.startswith(url)} == set()
    for address in loaded:
        assert ask(address, "HEAD", urlsplit(address).path).status == 200, address


def test_style_sheets_load_nothing_from_elsewhere(site: Path) -> None:
    for sheet in site.rglob("*.css"):
        assert not re.search(r"(?:url\(|@import )[\"']?(?:https?:)?//", sheet.read_text(encoding="utf-8")), sheet


def test_no_page_has_styles_or_scripts_that_its_policy_forbids(pages: dict[str, Shown]) -> None:
    assert [style for page in pages.values() for style in page.styles] == []


def test_what_only_the_tests_read_is_not_shown(site: Path) -> None:
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert "not run:" not in text, page
        assert "background=listening" not in text or "fences" in text, page


def test_every_verb_of_the_client_is_in_the_generated_reference(url: str, pages: dict[str, Shown]) -> None:
    names = pages[f"{url}reference/api/flow/"].names

    assert {
        "flowdock.Flow.send",
        "flowdock.Flow.add_user",
        "flowdock.Thread.run_action",
        "flowdock.Private.open",
    } <= names


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium; install it (Debian: 'apt-get install chromium')")
def test_a_browser_shows_and_searches_it_without_a_complaint(tmp_path: Path, url: str) -> None:
    browser = Chromium(str(CHROMIUM), tmp_path)
    try:
        browser.open(f"{url}reference/api/flow/")
        browser.value("document.querySelector('[data-md-component=search-query]').focus()")
        browser.type("tutorial")
        browser.wait_until("document.querySelectorAll('.md-search-result__link').length > 0")
        browser.open(f"{url}explanation/growing/")
        assert browser.value("getComputedStyle(document.body).fontFamily").startswith("system-ui")
    finally:
        browser.close()

    assert browser.complaints == []
    assert [address for address in browser.asked if not address.startswith((url, "data:", "blob:", "about:"))] == []
