"""Passwords made for people: random, and easy to read out and to type."""

import secrets

CONSONANTS = "bdfghjklmnprstvz"
VOWELS = "aeiou"
WORDS = 3
"""Each of two syllables. Three are 38 bits, of which somebody who asks the server can try ten a second."""


def readable() -> str:
    """A new password, such as `bafu-kiro-ledo`."""
    return "-".join("".join(_syllable() for _ in range(2)) for _ in range(WORDS))


def _syllable() -> str:
    return secrets.choice(CONSONANTS) + secrets.choice(VOWELS)
