"""Runs conversations (sources, look-ups) side by side: the main thread does the ORM, threads do HTTP only."""

from __future__ import annotations

import logging
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Generic, Protocol

from recommendations.questions import FAILED, Answer, Conversation, Question, Result
from recommendations.services import Services
from vibe.clients.errors import RateLimited, ServiceError, TokenExpired

logger = logging.getLogger(__name__)

WORKERS = 8  # calls under way at once
BLOCK = 8  # permits reserved at once: more would keep other runs from the service, fewer ask the database too often
PATIENCE = 1.0  # seconds between two ticks while nothing is answered
NO_QUEUE = frozenset({"musicbrainz"})  # what is not asked today is asked tomorrow: no run waits for its turn there
GIVE_UP_AFTER, SILENCE = 3, 2  # failures of one service, of which a call that waited in vain is two: without it then


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
    """How many calls may still be made, by service ("spotify") or service and family ("spotify/search").

    What is not named has no limit.
    """

    left: dict[str, int] = field(default_factory=dict)
    failures: Counter[str] = field(default_factory=Counter)

    def take(self, service: str, family: str = "") -> bool:
        """Whether one more call may be made; it then counts for its service and for its family."""
        limits = [key for key in (service, f"{service}/{family}") if key in self.left]
        if any(self.left[key] <= 0 for key in limits):
            return False
        for key in limits:
            self.left[key] -= 1
        return True

    def given_up(self, service: str) -> bool:
        return self.failures[service] >= GIVE_UP_AFTER

    def failed(self, error: ServiceError) -> None:
        """A removed route says nothing of the service; anything else counts towards giving up."""
        if error.code not in ("gone", "not_found", "given_up"):
            self.failures[error.service] += SILENCE if error.code == "timeout" else 1


class _Round(Generic[Result]):
    """One call of `converse`: who waits for what."""

    def __init__(self, services: Services, memory: Memory, budget: Budget, pool: ThreadPoolExecutor) -> None:
        self.services, self.memory, self.budget, self.pool = services, memory, budget, pool
        self.answers: dict[Question, Answer | ServiceError] = {}
        self.fresh: dict[Question, Answer] = {}
        self.backlog: defaultdict[str, deque[Question]] = defaultdict(deque)
        self.futures: dict[Future[Answer], Question] = {}
        self.reserved: Counter[str] = Counter()  # permits that no call was sent with yet
        self.retried: set[Question] = set()
        self.waiting: dict[str, Sequence[Question]] = {}
        self.known: set[Question] = set()  # answered, under way or in the backlog

    def want(self, questions: Sequence[Question], outcome: Outcome[Result]) -> None:
        """Takes what is known or kept; the rest joins the backlog."""
        asked = dict.fromkeys(questions)
        new = [q for q in asked if q not in self.known]
        kept = self.memory.read([q for q in new if q.days])
        self.known.update(new)
        self.answers.update(kept)
        outcome.asked += len(asked)
        outcome.cached += len(kept)
        for question in (q for q in new if q not in kept):
            if self.budget.take(question.service, question.family):
                self.backlog[question.service].append(question)
            else:
                self.answers[question] = ServiceError(question.service, "over_budget")

    def send(self) -> None:
        """Sends as many as may be under way, of the service first that has the fewest there.

        The rest stays behind: what is not sent can still be given up, and needs no permit.
        """
        while len(self.futures) < WORKERS and any(self.backlog.values()):
            under_way = Counter(question.service for question in self.futures.values())
            service = min((one for one, left in self.backlog.items() if left), key=lambda one: under_way[one])
            if self.budget.given_up(service):
                self.give_up(service)
                continue
            try:
                self.reserve(service)
            except RateLimited:
                if service not in NO_QUEUE:
                    raise
                self.give_up(service)
                continue
            question = self.backlog[service].popleft()
            self.futures[self.pool.submit(self.services.fetch, question)] = question

    def give_up(self, service: str) -> None:
        self.answers.update({question: ServiceError(service, "given_up") for question in self.backlog.pop(service)})

    def reserve(self, service: str) -> None:
        if not self.reserved[service]:
            self.services.reserve(service, block := min(BLOCK, len(self.backlog[service])))
            self.reserved[service] = block
        self.reserved[service] -= 1

    def hear(self) -> None:
        """Waits for answers, a moment at most."""
        for future in wait(self.futures, timeout=PATIENCE, return_when=FIRST_COMPLETED).done:
            self.take(future)

    def take(self, future: Future[Answer]) -> None:
        question = self.futures.pop(future)
        try:
            self.answers[question] = self.fresh[question] = future.result()
        except TokenExpired as error:
            if question in self.retried:
                return self.fail(question, error)
            if not self.retried:  # the others that are under way were refused for the same old token
                self.services.renew()
            self.retried.add(question)
            self.backlog[question.service].appendleft(question)
        except ServiceError as error:
            self.fail(question, error)
        except Exception:  # an answer that nobody foresaw costs its source and not the run
            logger.exception("service=%s family=%s broke", question.service, question.family)
            self.fail(question, ServiceError(question.service, "broken"))

    def fail(self, question: Question, error: ServiceError) -> None:
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

    def keep(self) -> None:
        """Remembers the fresh answers, those too that came while an interrupted round waited for its threads."""
        for future, question in self.futures.items():
            if future.done() and not future.cancelled() and not future.exception():
                self.fresh[question] = future.result()
        self.memory.write({question: answer for question, answer in self.fresh.items() if question.days})


def converse(
    conversations: Mapping[str, Conversation[Result]],
    services: Services,
    memory: Memory,
    budget: Budget,
    tick: Callable[[], None] = lambda: None,
) -> dict[str, Outcome[Result]]:
    """Runs every conversation to its end; one that breaks leaves the others alone and is recorded as `broken`.

    `tick` is called as answers come in and every second in between, in this thread. What it raises ends the round,
    as does the RateLimited of a service for which too many others wait; the answers so far are remembered even then.
    """
    outcomes: dict[str, Outcome[Result]] = {name: Outcome() for name in conversations}
    pool = ThreadPoolExecutor(WORKERS)
    turn: _Round[Result] = _Round(services, memory, budget, pool)
    try:
        _talk(conversations, turn, outcomes, tick)
    except BaseException:
        pool.shutdown(cancel_futures=True)  # an interruption does not wait for calls that have not begun
        try:
            turn.keep()
        except Exception:  # the interruption is what the caller has to hear of
            logger.exception("the answers of an interrupted round were lost")
        raise
    pool.shutdown()
    turn.keep()
    return outcomes


def _talk(
    conversations: Mapping[str, Conversation[Result]],
    turn: _Round[Result],
    outcomes: dict[str, Outcome[Result]],
    tick: Callable[[], None],
) -> None:
    started = time.monotonic()
    for name, conversation in conversations.items():
        _advance(name, conversation, None, turn, outcomes[name], started)
    while turn.waiting:
        for name in turn.ready():
            outcome = outcomes[name]
            _advance(name, conversations[name], turn.replies(name, outcome), turn, outcome, started)
        turn.send()
        if turn.futures and not turn.ready():
            turn.hear()
            tick()


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
    except Exception:
        logger.exception("source=%s broke", name)
        outcome.errors["broken"] += 1
    outcome.ms = round((time.monotonic() - started) * 1000)
