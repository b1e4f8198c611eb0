import pytest

from tests.docs.fences import Command, PageError, blocks, commands

PAGE = """# Title

```python
print(1)
```

```text
1
```

Words between.

```text
a drawing
```

<!--
```console
$ true
```
-->

<!-- not run: it needs the moon -->
```console background=listening exit=1
$ echo a
> echo b
a
b
$ false
```
"""


def test_blocks_come_in_order_with_what_they_ask_for() -> None:
    found = blocks(PAGE)

    assert [block.language for block in found] == ["python", "text", "text", "console", "console"]
    assert found[0].text == "print(1)\n"
    assert found[0].line == 4
    assert found[4].options == {"background": "listening", "exit": "1"}


def test_only_a_block_right_after_another_follows_it_directly() -> None:
    assert [block.follows_directly for block in blocks(PAGE)] == [False, True, False, False, False]


def test_a_block_in_a_comment_counts() -> None:
    assert blocks(PAGE)[3].text == "$ true\n"


def test_a_block_is_left_out_only_with_a_reason_right_before_it() -> None:
    assert [block.why_not_run for block in blocks(PAGE)] == [None, None, None, None, "it needs the moon"]
    assert blocks("<!-- not run: why -->\nwords\n```python\n```")[0].why_not_run is None


def test_a_console_is_commands_with_what_they_print() -> None:
    assert commands(blocks(PAGE)[4]) == [Command("echo a\necho b", "a\nb\n"), Command("false", "")]


@pytest.mark.parametrize(
    "page, problem",
    [
        ("```python\nprint(1)", "the block in line 1 is never closed"),
        ("```pyton\n```", "line 1 opens a block of 'pyton'"),
        ("```\n```", "line 1 opens a block of ''"),
        ("words\n\n```python skip\n```", "line 3 asks for skip"),
    ],
)
def test_a_fence_that_nobody_knows_is_told(page: str, problem: str) -> None:
    with pytest.raises(PageError, match=problem):
        blocks(page)


def test_a_console_has_to_begin_with_a_command() -> None:
    with pytest.raises(PageError, match="line 2 does not begin with"):
        commands(blocks("```console\nls\n```")[0])
