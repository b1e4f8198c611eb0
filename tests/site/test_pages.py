from pathlib import Path

import griffe
import pytest
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from tools.site import build, docstrings, pages

DOCSTRING = """Say something.

Example:
    flow.send("Hello")

    flow.send("and hello again")

Raises:
    Invalid: it is empty.

Source: wire facts 2.1,
and 3.2.
"""
AS_SHOWN = """Say something.

Example:
    ```python
    flow.send("Hello")

    flow.send("and hello again")
    ```

Raises:
    Invalid: it is empty."""


def as_on_the_site(markdown: str, *, page: str = "how-to/write-a-bot.md") -> str:
    config = MkDocsConfig()
    config.load_dict({"site_name": "Flowdock"})
    config.validate()
    file = File(page, config.docs_dir, config.site_dir, use_directory_urls=True)
    return pages.on_page_markdown(markdown, Page(None, file, config), config, Files([file]))


@pytest.mark.parametrize(
    "there, on_the_site",
    [
        ("[other](mail.md#what-is-sent-and-when)", "[other](mail.md#what-is-sent-and-when)"),
        ("[example](../../examples/monitor.py)", "[example](../repository/examples/monitor.py.md)"),
        ("[changes](../../CHANGELOG.md)", "[changes](../repository/CHANGELOG.md)"),
        ("[here](#test-it) [web](https://example.com/a)", "[here](#test-it) [web](https://example.com/a)"),
        ("```python file=bot.py\n[](x)\n```", '```python title="bot.py"\n[](x)\n```'),
        ("```console background=listening exit=1\n$ a\n```", "```console\n$ a\n```"),
        ("a\n<!-- not run: why -->\nb\n", "a\nb\n"),
        ("a\n<!--\n```python\nhidden\n```\n-->\nb\n", "a\nb\n"),
    ],
)
def test_a_page_of_the_repository_becomes_one_of_the_site(there: str, on_the_site: str) -> None:
    assert as_on_the_site(there) == on_the_site


def test_a_page_of_the_repository_links_back_into_the_documentation() -> None:
    linked = as_on_the_site("[docs](docs/tutorial.md)", page="repository/README.md")

    assert linked == "[docs](../tutorial.md)"


@pytest.mark.parametrize("link", ["../nothing.md", "/etc/hostname", "../../../../../../etc/hostname", ".."])
def test_a_link_to_what_is_not_in_the_repository_ends_the_build(link: str) -> None:
    with pytest.raises(PluginError, match=f"docs/how-to/write-a-bot.md links to {link}, which is no file"):
        as_on_the_site(f"[gone]({link})")


def test_a_docstring_shows_its_example_as_python_and_hides_its_source() -> None:
    assert docstrings.shown(DOCSTRING) == AS_SHOWN


def test_a_site_that_could_not_be_built_leaves_the_one_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mkdocs.yml").write_text("site_name: Flowdock\nnav: [nowhere.md]\n")
    (tmp_path / "docs").mkdir()
    monkeypatch.setattr(build, "ROOT", tmp_path)
    site = tmp_path / "site"
    site.mkdir()
    (site / "index.html").write_text("before")

    assert build.main([f"--to={site}"]) == 1

    assert (site / "index.html").read_text() == "before"
    assert "nowhere.md" in capfd.readouterr().err
    assert sorted(file.name for file in tmp_path.iterdir()) == ["docs", "mkdocs.yml", "site"]


def test_a_typed_dictionary_shows_what_its_members_are() -> None:
    module = griffe.visit(
        "flowdock.protocol.types",
        Path("types.py"),
        'class Author(Named):\n    """Who."""\n    id: int | None\n    email: NotRequired[str]\n',
    )

    assert docstrings.table(module.classes["Author"]).splitlines()[2:] == [
        "| all of | `Named` |",
        "| `id` | `int | None` |",
        "| `email` | `str`, or not there |",
    ]
