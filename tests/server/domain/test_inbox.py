from typing import Any

import pytest

from flowdock.server.domain import inbox

REPOSITORY = {"name": "tea", "owner": {"login": "acme"}}


@pytest.mark.parametrize(
    "content,title",
    [
        ({"ref": "refs/heads/main", "commits": [{}, {}], "repository": REPOSITORY}, "acme/tea main: 2 commits"),
        ({"ref": "refs/tags/v1", "after": "000", "repository": REPOSITORY}, "acme/tea v1 deleted"),
        ({"pull_request": {"number": 4, "title": "Boil"}, "repository": REPOSITORY}, "acme/tea#4: Boil"),
        ({"issue": {"title": "Boil"}, "repository": REPOSITORY}, "Boil"),
        ({"event": "commit_comment", "repository": {**REPOSITORY, "full_name": "a/b"}}, "a/b commit comment"),
        ({}, ""),
    ],
)
def test_what_a_version_control_system_tells_is_called_by_what_it_is_about(content: Any, title: str) -> None:
    assert inbox.title_of("vcs", content) == title


@pytest.mark.parametrize(
    "content,text",
    [
        ({"commits": [{"message": "a"}, None, {"message": 7}, {"message": "b"}]}, "a\nb"),
        ({"issue": {"title": "old", "body": "old"}, "comment": {"body": "new"}}, "new"),
        ({"pull_request": {"title": "t", "body": "b"}}, "t\nb"),
        ({"release": {"body": "b"}}, "b"),
    ],
)
def test_of_a_conversation_only_what_is_new_counts_as_said(content: Any, text: str) -> None:
    assert inbox.text_of("vcs", content) == text


def test_hashtags_come_first_then_the_kind_then_the_project() -> None:
    content = {"commits": [{"message": "fix #7"}], "repository": REPOSITORY}

    assert inbox.vcs_tags_of("push", content) == ["7", "github:push", "project:acme/tea"]
    assert inbox.vcs_tags_of("push", {}) == ["github:push"]


def test_an_address_in_a_page_of_confluence_is_told_as_such() -> None:
    assert inbox.tags_of("confluence", {"version_comment": "see http://example.org #now"}) == ["now", ":url"]
