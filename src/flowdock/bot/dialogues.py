"""Questions of a bot that wait for an answer.

An answer may have been read before its question is asked: after a restart both come from the log, and the handler that
asks runs anew meanwhile. So what people say in a place is kept for as long as a handler is at work there.
"""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TypeAlias

from flowdock.bot.matching import Event
from flowdock.bot.progress import key_of

Place: TypeAlias = str
"""A thread's id, or a private conversation."""


@dataclass(slots=True, eq=False)
class Question:
    """One that was asked, or is about to be."""

    place: Place
    person: str
    answer: asyncio.Future[Event]
    after: int | None = None
    """The number of the question's own message, once that is known."""

    def is_answered_by(self, event: Event) -> bool:
        """Whether somebody said this in reply."""
        is_theirs = str(event.get("user")) == self.person and isinstance(event.get("id"), int)
        return is_theirs and self.after is not None and event["id"] > self.after and not self.answer.done()


@dataclass(slots=True)
class Dialogues:
    """All of a bot's questions, and what was said where it is at work."""

    _said: defaultdict[Place, list[Event]] = field(default_factory=lambda: defaultdict(list))
    _at_work: defaultdict[Place, int] = field(default_factory=lambda: defaultdict(int))
    _questions: list[Question] = field(default_factory=list)
    _answers: set[str] = field(default_factory=set)

    def enter(self, place: Place) -> None:
        """Take note that a handler is about to work in a place."""
        self._at_work[place] += 1

    def leave(self, place: Place) -> None:
        """Take note that it is done."""
        self._at_work[place] -= 1
        if not self._at_work[place]:
            del self._at_work[place]
            for event in self._said.pop(place, ()):
                self._answers.discard(key_of(event, None))

    def hear(self, place: Place, event: Event) -> None:
        """Take what somebody says, in the order of the log."""
        for question in self._questions:
            if question.place == place and question.is_answered_by(event):
                self._settle(question, event)
                break
        if self._at_work.get(place):
            self._said[place].append(event)

    def is_answer(self, event: Event) -> bool:
        """Whether it was the answer to a question."""
        return key_of(event, None) in self._answers

    def ask(self, place: Place, person: str) -> Question:
        """A question that is about to be asked."""
        question = Question(place, person, asyncio.get_running_loop().create_future())
        self._questions.append(question)
        return question

    def asked(self, question: Question, number: int) -> None:
        """Take note of the question's number; maybe its answer was read already."""
        question.after = number
        for event in self._said.get(question.place, ()):
            if question.is_answered_by(event) and not self.is_answer(event):
                self._settle(question, event)
                break

    def end(self, question: Question) -> None:
        """Wait for no answer any more."""
        self._questions.remove(question)

    def _settle(self, question: Question, event: Event) -> None:
        self._answers.add(key_of(event, None))
        question.answer.set_result(event)
