"""Passwords are hashed at a cost that thieves of a database have to pay for each guess."""

import subprocess
import sys

from argon2 import PasswordHasher, extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY

from flowdock.server import passwords

ASKED = "from flowdock.server import passwords as p; print(p.hashed('guess me'), p._NOBODY)"


def effort(stored: str) -> tuple[int, int, int]:
    cost = extract_parameters(stored)
    return cost.time_cost, cost.memory_cost, cost.parallelism


def test_what_ships_is_as_slow_as_the_standard_wants_with_and_without_a_person() -> None:
    """In a process of its own, because tests hash at no cost."""
    asked = subprocess.run([sys.executable, "-c", ASKED], capture_output=True, text=True, check=True)
    stored, nobodys = asked.stdout.split()

    assert extract_parameters(stored) == RFC_9106_LOW_MEMORY
    assert effort(nobodys) == effort(stored)
    assert PasswordHasher().verify(stored, "guess me")


def test_a_password_matches_itself_and_nothing_else() -> None:
    stored = passwords.hashed("guess me")

    assert passwords.matches(stored, "guess me")
    assert not passwords.matches(stored, "guess me?")
    assert not passwords.matches("not a hash", "guess me")


def test_where_nothing_is_stored_nothing_matches() -> None:
    assert not passwords.matches(None, "nobody's")
