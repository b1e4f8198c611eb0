import gzip
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from flowdock.testing import Server
from tests.contract.plain import Answer, ask
from tests.site.serving import served
from tools.site.build import pack

PAGE = """<!doctype html><title>Home</title><script src="assets/bundle.0a1b2c3d.min.js"></script>
<script>let shown = "now"</script><a href="deeper/">deeper</a>"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("around") / "site"
    for name, text in {
        "index.html": PAGE,
        "deeper/index.html": "<!doctype html><title>Deeper</title>" + "many words " * 100,
        "assets/bundle.0a1b2c3d.min.js": "let words = 1;" * 100,
        "search/search_index.json": "{}",
        "pictures/mark.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
    }.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (folder.parent / "secret").write_text("secret")
    (folder / "way-out").symlink_to(folder.parent / "secret")
    pack(folder)
    return folder


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    with served(folder) as url:
        yield url


def policy(answer: Answer) -> str:
    return str(answer.headers["Content-Security-Policy"])


@pytest.mark.parametrize(
    "target, kind",
    [
        ("/help/", "text/html"),
        ("/help/index.html", "text/html"),
        ("/help/deeper/", "text/html"),
        ("/help//deeper/", "text/html"),
        ("/help/assets/bundle.0a1b2c3d.min.js", "text/javascript"),
        ("/help/search/search_index.json", "application/json"),
        ("/help/pictures/mark.svg", "image/svg+xml"),
    ],
)
def test_a_file_of_the_site_is_what_its_name_says_and_nothing_else(url: str, target: str, kind: str) -> None:
    answer = ask(url, "GET", target)

    assert answer.status == 200
    assert answer.headers.get_content_type() == kind
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("target, to", [("/help", "help/"), ("/help/deeper", "deeper/")])
def test_an_address_without_its_slash_leads_to_the_one_with_it(url: str, target: str, to: str) -> None:
    answer = ask(url, "GET", target)

    # Not from the root: before this server may stand one that adds a path of its own.
    assert (answer.status, answer.headers["Location"]) == (308, to)


@pytest.mark.parametrize(
    "target",
    [
        "/help/nothing",
        "/help/../secret",
        "/help/%2e%2e/secret",
        "/help/deeper/..%2f..%2fsecret",
        "/help//etc/passwd",
        "/help/%00",
        "/help/%FF/",
        f"/help/{'long' * 2000}",
        "/help/way-out",
        "/help/deeper/index.html.gz",
    ],
)
def test_what_is_no_file_of_the_site_is_a_page_that_says_so(url: str, target: str) -> None:
    answer = ask(url, "GET", target)

    assert answer.status == 404
    assert b"There is no such page here" in answer.body


def test_the_policy_of_a_page_allows_its_own_scripts_and_no_others(url: str) -> None:
    scripts = policy(ask(url, "GET", "/help/")).partition("script-src ")[2].partition(";")[0]

    digest = b64encode(sha256(b'let shown = "now"').digest()).decode()
    assert scripts == f"'self' 'sha256-{digest}'"


def test_a_picture_opened_by_itself_may_do_nothing(url: str) -> None:
    assert "sandbox" in policy(ask(url, "GET", "/help/pictures/mark.svg"))


def test_what_was_compressed_is_sent_so_to_whoever_takes_it(url: str, folder: Path) -> None:
    packed = ask(url, "GET", "/help/deeper/", headers={"Accept-Encoding": "br, gzip"})
    plain = ask(url, "GET", "/help/deeper/")

    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body == (folder / "deeper/index.html").read_bytes()
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"


def test_whoever_has_a_page_already_is_told_so(url: str) -> None:
    tag = str(ask(url, "GET", "/help/deeper/").headers["ETag"])

    again = ask(url, "GET", "/help/deeper/", headers={"If-None-Match": f'"other", {tag}'})

    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag)


def test_pages_are_looked_at_again_and_what_has_its_digest_in_its_name_is_kept(url: str) -> None:
    assert ask(url, "GET", "/help/").headers["Cache-Control"] == "public, no-cache"
    assert "immutable" in ask(url, "GET", "/help/assets/bundle.0a1b2c3d.min.js").headers["Cache-Control"]


def test_the_head_of_a_page_is_that_of_the_page(url: str) -> None:
    head, whole = ask(url, "HEAD", "/help/"), ask(url, "GET", "/help/")

    assert (head.status, head.body) == (200, b"")
    for name in ("ETag", "Content-Type", "Content-Length", "Content-Security-Policy"):
        assert head.headers[name] == whole.headers[name]


def test_a_page_that_was_built_anew_is_shown_at_once(tmp_path: Path) -> None:
    home = tmp_path / "index.html"
    home.write_text("before")
    with served(tmp_path) as url:
        before = ask(url, "GET", "/help/")
        home.write_text("after")
        after = ask(url, "GET", "/help/")

    assert (before.body, after.body) == (b"before", b"after")
    assert before.headers["ETag"] != after.headers["ETag"]


def test_without_a_site_there_is_a_page_that_tells_the_next_step(tmp_path: Path) -> None:
    with served(tmp_path / "nothing") as url:
        for target in ("/help", "/help/", "/help/tutorial/"):
            answer = ask(url, "GET", target)
            assert answer.status == 404
            assert b"<code>make docs</code>" in answer.body


def test_the_server_has_it_and_links_to_it(tmp_path: Path) -> None:
    with Server(tmp_path) as server:
        answer = ask(server.url, "GET", "/help/")
        assert b"<code>make docs</code>" in answer.body or answer.status == 200
        assert ask(server.url, "POST", "/help/").status == 405
        for page in ("/", "/docs"):
            assert b'href="/help/"' in ask(server.url, "GET", page).body
