import json
import os
import stat
from pathlib import Path

import pytest

from flowdock.client import profile
from flowdock.protocol.errors import BadSetting


@pytest.mark.parametrize(
    "environ,place",
    [
        ({"FLOWDOCK_PROFILE": "/elsewhere/mine.json", "XDG_CONFIG_HOME": "/config"}, "/elsewhere/mine.json"),
        ({"XDG_CONFIG_HOME": "/config"}, "/config/flowdock/profile.json"),
        ({"FLOWDOCK_PROFILE": "", "XDG_CONFIG_HOME": ""}, str(Path.home() / ".config/flowdock/profile.json")),
    ],
)
def test_where_the_profile_is(environ: dict[str, str], place: str) -> None:
    assert profile.place(environ) == Path(place)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    values = {"api_url": "https://chat.acme.example", "org": "acme", "flow": "grøn", "token": "t0ken"}

    profile.write(tmp_path / "new" / "profile.json", values)

    assert profile.read(tmp_path / "new" / "profile.json") == values


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "profile.json"
    path.write_text("{}")
    path.chmod(0o644)

    profile.write(path, {"token": "t0ken"})

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_writing_replaces_all_of_it_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    profile.write(tmp_path / "profile.json", {"token": "old", "org": "acme"})

    profile.write(tmp_path / "profile.json", {"token": "new", "org": None})

    assert profile.read(tmp_path / "profile.json") == {"token": "new"}
    assert [path.name for path in tmp_path.iterdir()] == ["profile.json"]


def test_a_profile_that_cannot_be_replaced_stays_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    (tmp_path / "profile.json").mkdir()

    with pytest.raises(OSError, match=r"profile\.json"):
        profile.write(tmp_path / "profile.json", {"token": "new"})
    assert [path.name for path in tmp_path.iterdir()] == ["profile.json"]


def test_a_member_that_no_profile_has_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a profile has no tokn; its members are api_url"):
        profile.write(tmp_path / "profile.json", {"tokn": "t0ken"})
    assert list(tmp_path.iterdir()) == []


def test_no_profile_is_an_empty_one(tmp_path: Path) -> None:
    assert profile.read(tmp_path / "none.json") == {}
    assert profile.read(tmp_path / "none" / "none.json") == {}


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="everything may be read here")
def test_somebody_elses_profile_is_an_empty_one(tmp_path: Path) -> None:
    profile.write(tmp_path / "profile.json", {"token": "t0ken"})
    (tmp_path / "profile.json").chmod(0)

    assert profile.read(tmp_path / "profile.json") == {}


def test_members_of_later_versions_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "profile.json").write_text(json.dumps({"org": "acme", "flow": None, "colour": ["red"]}))

    assert profile.read(tmp_path / "profile.json") == {"org": "acme"}


@pytest.mark.parametrize(
    "content,problem",
    [
        ("{", "is not JSON"),
        ("[]", "is not a JSON object"),
        ('{"token": 5}', "token in the profile .* is not a text"),
    ],
)
def test_a_spoiled_profile_is_an_error_that_says_what_to_do(tmp_path: Path, content: str, problem: str) -> None:
    (tmp_path / "profile.json").write_text(content)

    with pytest.raises(BadSetting, match=f"{problem}.*; correct it or remove it"):
        profile.read(tmp_path / "profile.json")


def test_a_folder_in_its_place_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="cannot be read"):
        profile.read(tmp_path)
