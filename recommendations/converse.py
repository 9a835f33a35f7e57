"""Runs conversations (sources, look-ups) side by side: the main thread does the ORM, threads do HTTP only."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Generic, Protocol

from recommendations.questions import FAILED, Answer, Conversation, Question, Result
from recommendations.services import Services
from vibe.clients.errors import ServiceError, TokenExpired

logger = logging.getLogger(__name__)

WORKERS = 8  # calls under way at once
GIVE_UP_AFTER = 3  # failures of one service; the rest of the run does without it


class Memory(Protocol):
    """Answers kept from earlier runs."""

    def read(self, questions: Sequence[Question]) -> Mapping[Question, Answer]: ...

    def write(self, answers: Mapping[Question, Answer]) -> None: ...


@dataclass(slots=True)
class Outcome(Generic[Result]):
    """How one conversation went; `result` is None where it broke."""

    result: Result | None = None
    asked: int = 0
    answered: int = 0
    cached: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    ms: int = 0


@dataclass(slots=True)
class Budget:
    """How many calls each service may still get; a service that is not named has no limit."""

    left: dict[str, int] = field(default_factory=dict)
    failures: Counter[str] = field(default_factory=Counter)

    def take(self, service: str) -> bool:
        """Whether one more call may be made; it then counts."""
        left = self.left.get(service)
        if left is not None:
            self.left[service] = max(left - 1, 0)
        return left is None or left > 0

    def given_up(self, service: str) -> bool:
        return self.failures[service] >= GIVE_UP_AFTER

    def failed(self, error: ServiceError) -> None:
        """A removed route says nothing of the service; anything else counts towards giving up."""
        if error.code not in ("gone", "not_found", "given_up"):
            self.failures[error.service] += 1


class _Round(Generic[Result]):
    """One call of `converse`: who waits for what."""

    def __init__(self, services: Services, memory: Memory, budget: Budget, pool: ThreadPoolExecutor) -> None:
        self.services, self.memory, self.budget, self.pool = services, memory, budget, pool
        self.answers: dict[Question, Answer | ServiceError] = {}
        self.fresh: dict[Question, Answer] = {}
        self.futures: dict[Future[Answer], Question] = {}
        self.retried: set[Question] = set()
        self.waiting: dict[str, Sequence[Question]] = {}

    def want(self, questions: Sequence[Question], outcome: Outcome[Result]) -> None:
        """Takes what is known or kept; sends the rest out."""
        asked = dict.fromkeys(questions)
        new = [q for q in asked if q not in self.answers and q not in self.futures.values()]
        kept = self.memory.read([q for q in new if q.days])
        self.answers.update(kept)
        outcome.asked += len(asked)
        outcome.cached += len(kept)
        for question in new:
            if question in kept:
                continue
            if self.budget.take(question.service):
                self.send(question)
            else:
                self.answers[question] = ServiceError(question.service, "over_budget")

    def send(self, question: Question) -> None:
        self.futures[self.pool.submit(self.fetch, question)] = question

    def fetch(self, question: Question) -> Answer:
        """In a thread. Asked late, since a service may have been given up while this call waited its turn."""
        if self.budget.given_up(question.service):
            raise ServiceError(question.service, "given_up")
        return self.services.fetch(question)

    def take(self, future: Future[Answer]) -> None:
        question = self.futures.pop(future)
        try:
            self.answers[question] = self.fresh[question] = future.result()
        except TokenExpired as error:
            if question in self.retried:
                self.answers[question] = error
                return
            self.retried.add(question)
            self.services.renew()
            self.send(question)
        except ServiceError as error:
            self.budget.failed(error)
            self.answers[question] = error

    def replies(self, name: str, outcome: Outcome[Result]) -> list[Answer]:
        """The answers a conversation waits for, `FAILED` for each that could not be had."""
        replies: list[Answer] = []
        for question in self.waiting.pop(name):
            answer = self.answers[question]
            if isinstance(answer, ServiceError):
                outcome.errors[answer.code] += 1
                answer = FAILED
            else:
                outcome.answered += 1
            replies.append(answer)
        return replies

    def ready(self) -> list[str]:
        return [name for name, asked in self.waiting.items() if all(q in self.answers for q in asked)]


def converse(
    conversations: Mapping[str, Conversation[Result]],
    services: Services,
    memory: Memory,
    budget: Budget,
    tick: Callable[[], None] = lambda: None,
) -> dict[str, Outcome[Result]]:
    """Runs every conversation to its end; one that breaks leaves the others alone and is recorded as `broken`.

    `tick` is called as answers come in, in this thread; what it raises ends the round.
    """
    outcomes: dict[str, Outcome[Result]] = {name: Outcome() for name in conversations}
    started = time.monotonic()
    pool = ThreadPoolExecutor(WORKERS)
    try:
        turn: _Round[Result] = _Round(services, memory, budget, pool)
        for name, conversation in conversations.items():
            _advance(name, conversation, None, turn, outcomes[name], started)
        while turn.waiting:
            for name in turn.ready():
                outcome = outcomes[name]
                _advance(name, conversations[name], turn.replies(name, outcome), turn, outcome, started)
            if turn.futures and not turn.ready():
                done, _pending = wait(turn.futures, return_when=FIRST_COMPLETED)
                for future in done:
                    turn.take(future)
                tick()
    finally:
        pool.shutdown(cancel_futures=True)  # an interruption does not wait for calls that have not begun
    memory.write({question: answer for question, answer in turn.fresh.items() if question.days})
    return outcomes


def _advance(
    name: str,
    conversation: Conversation[Result],
    replies: list[Answer] | None,
    turn: _Round[Result],
    outcome: Outcome[Result],
    started: float,
) -> None:
    """Hands over the replies and notes the next questions, or the end."""
    try:
        questions = next(conversation) if replies is None else conversation.send(replies)
        turn.want(questions, outcome)
        turn.waiting[name] = questions
    except StopIteration as end:
        outcome.result = end.value
        outcome.ms = round((time.monotonic() - started) * 1000)
    except Exception:
        logger.exception("source=%s broke", name)
        outcome.errors["broken"] += 1
        outcome.ms = round((time.monotonic() - started) * 1000)
