"""Pages as the site wants them, from pages as the repository has them. `mkdocs.yml` names this as its hooks.

A page links to programs and other files of the repository by their paths, which is right where the repository is
read. On the site each of these files is a page of its own, in `repository/`. What only the tests look for, such as
comments and most options of blocks, is left out.
"""

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]
DOCS = "docs/"
ELSEWHERE = "repository/"

_COMMENT = re.compile(r"(?ms)^<!--.*?-->\n")
_BLOCK = re.compile(r"(?ms)^(?P<fence>`{3,})(?P<info>[^\n]*)\n(?P<text>.*?)^(?P=fence)$")
_LINK = re.compile(r"(?<=\]\()(?!\w+:)([^)#\s]+)")
_FILE = re.compile(r"\bfile=(\S+)")
_LANGUAGES = {
    ".conf": "nginx",
    ".example": "ini",
    ".js": "javascript",
    ".py": "python",
    ".service": "ini",
    ".yaml": "yaml",
}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page for each file of the repository that pages link to, and for those that these link to."""
    waiting = [path for path in files.src_uris if path.endswith(".md")]
    while waiting:
        for path in linked(waiting.pop()):
            if path.startswith(DOCS) or files.get_file_from_path(place_of(path)):
                continue
            added = File.generated(config, place_of(path), content=text_of(path))
            # As a folder, which pages are otherwise, it would have the name of a program.
            added.dest_uri = f"{ELSEWHERE}{path}.html"
            files.append(added)
            waiting.append(place_of(path))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """The page with links that lead somewhere on the site, and without what only the tests read."""
    del config, files
    here = page.file.src_uri
    text = _COMMENT.sub("", markdown)
    pieces, end = [], 0
    for block in _BLOCK.finditer(text):
        pieces += [_with_links(text[end : block.start()], here), _shown(block)]
        end = block.end()
    return "".join([*pieces, _with_links(text[end:], here)])


def _with_links(words: str, here: str) -> str:
    folder = posixpath.dirname(here) or "."
    return _LINK.sub(lambda found: posixpath.relpath(place_of(target(here, found[1])), folder), words)


def _shown(block: re.Match[str]) -> str:
    """A block as readers see it: a file's has its name as its title."""
    language, *options = block["info"].split() or [""]
    name = _FILE.search(" ".join(options))
    title = f' title="{name[1]}"' if name else ""
    return f"{block['fence']}{language}{title}\n{block['text']}{block['fence']}"


def linked(page: str) -> list[str]:
    """The paths in the repository to which a page links."""
    if not path_of(page).endswith(".md"):
        return []
    words = _BLOCK.sub("", (ROOT / path_of(page)).read_text(encoding="utf-8"))
    return [target(page, found[1]) for found in _LINK.finditer(words)]


def target(page: str, link: str) -> str:
    """Where a link of this page leads to, as a path in the repository."""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(path_of(page)), link))
    if path.startswith(("/", "..")) or not (ROOT / path).is_file():
        raise PluginError(f"{path_of(page)} links to {link}, which is no file of the repository")
    return path


def path_of(page: str) -> str:
    """The path in the repository of a page of the site."""
    if page.startswith(ELSEWHERE):
        path = page.removeprefix(ELSEWHERE)
        return path if (ROOT / path).is_file() else path.removesuffix(".md")
    return DOCS + page


def place_of(path: str) -> str:
    """The place on the site of a path in the repository."""
    if path.startswith(DOCS):
        return path.removeprefix(DOCS)
    return ELSEWHERE + path + ("" if path.endswith(".md") else ".md")


def text_of(path: str) -> str:
    """A file of the repository as a page."""
    text = (ROOT / path).read_text(encoding="utf-8")
    if path.endswith(".md"):
        return text
    return f"# {path}\n\n````{_LANGUAGES.get(Path(path).suffix, 'text')}\n{text}````\n"
