from __future__ import annotations

from collections.abc import Sequence

import pytest

from recommendations.converse import GIVE_UP_AFTER, Budget, converse
from recommendations.questions import (
    FAILED,
    Answer,
    Conversation,
    Question,
    similar_artists,
    similar_tracks,
    top_tracks,
)
from recommendations.tests.told import Remembered, Told, row
from vibe.clients.errors import Gone, ServiceError, TokenExpired

SPLIN = (row("Сплин", "Выхода нет", 1.0),)


def ask(*waves: Sequence[Question]) -> Conversation[list[Answer]]:
    got: list[Answer] = []
    for wave in waves:
        got += yield wave
    return got


def run(conversations, services, memory=None, budget=None):
    return converse(conversations, services, memory if memory is not None else Remembered(), budget or Budget())


def test_answers_come_back_in_the_order_of_the_questions():
    one, two = similar_tracks("Кино", "Группа крови"), similar_artists("Кино")
    told = Told({one: SPLIN, two: ()})
    outcome = run({"a": ask([one, two], [two, one])}, told)["a"]
    assert outcome.result == [SPLIN, (), (), SPLIN]
    assert outcome.answered == 4


def test_a_question_of_two_conversations_is_asked_once():
    question = top_tracks("Кино")
    told = Told({question: SPLIN})
    outcomes = run({"a": ask([question]), "b": ask([question])}, told)
    assert [outcomes[name].result for name in "ab"] == [[SPLIN], [SPLIN]]
    assert told.asked == [question]


def test_a_remembered_answer_costs_no_call_and_a_new_one_is_remembered():
    old, new = top_tracks("Кино"), top_tracks("Алиса")
    memory, told = Remembered({old: SPLIN}), Told({new: ()})
    outcome = run({"a": ask([old, new])}, told, memory)["a"]
    assert told.asked == [new]
    assert (outcome.cached, outcome.result) == (1, [SPLIN, ()])
    assert memory[new] == ()


def test_an_answer_that_may_not_be_kept_is_not():
    question = Question("spotify", "search", ("x",), days=0)
    memory = Remembered()
    run({"a": ask([question])}, Told({question: SPLIN}), memory)
    assert not memory


def test_a_failed_question_is_marked_and_leaves_the_others_alone():
    bad, good = top_tracks("Кино"), top_tracks("Алиса")
    memory = Remembered()
    outcome = run({"a": ask([bad, good])}, Told({bad: ServiceError("lastfm", "timeout"), good: SPLIN}), memory)["a"]
    assert outcome.result is not None
    assert outcome.result[0] is FAILED
    assert outcome.result[1] == SPLIN
    assert outcome.errors == {"timeout": 1}
    assert bad not in memory


def test_a_conversation_that_breaks_leaves_the_others_alone(caplog: pytest.LogCaptureFixture):
    def broken() -> Conversation[list[Answer]]:
        yield []
        raise RuntimeError("a bug of this source")

    outcomes = run({"bad": broken(), "good": ask([top_tracks("Кино")])}, Told({}))
    assert outcomes["bad"].result is None
    assert outcomes["bad"].errors == {"broken": 1}
    assert outcomes["good"].result == [()]
    assert "bad" in caplog.text


def test_an_expired_token_is_renewed_once_and_the_question_repeated():
    question = Question("spotify", "search", ("x",))
    told = Told({question: [TokenExpired("spotify"), SPLIN]})
    assert run({"a": ask([question])}, told)["a"].result == [SPLIN]
    assert told.renewed == 1


def test_a_token_that_stays_expired_is_an_error_and_not_a_loop():
    question = Question("spotify", "search", ("x",))
    told = Told({question: TokenExpired("spotify")})
    outcome = run({"a": ask([question])}, told)["a"]
    assert outcome.errors.total() == 1
    assert len(told.asked) == 2


def test_a_service_that_keeps_failing_is_given_up():
    questions = [[top_tracks(str(n))] for n in range(10)]
    told = Told({asked[0]: ServiceError("lastfm", "unavailable") for asked in questions})
    outcome = run({"a": ask(*questions)}, told)["a"]
    assert len(told.asked) == GIVE_UP_AFTER
    assert outcome.errors == {"unavailable": GIVE_UP_AFTER, "given_up": 10 - GIVE_UP_AFTER}


def test_calls_that_wait_for_their_turn_are_given_up_too():
    questions = [top_tracks(str(n)) for n in range(200)]
    told = Told(dict.fromkeys(questions, ServiceError("lastfm", "unavailable")))
    outcome = run({"a": ask(questions)}, told)["a"]
    assert len(told.asked) < 200
    assert outcome.errors["given_up"] == 200 - len(told.asked)


def test_a_removed_route_does_not_count_against_its_service():
    budget = Budget()
    for _ in range(GIVE_UP_AFTER):
        budget.failed(Gone("spotify", "recommendations"))
    assert not budget.given_up("spotify")


def test_a_spent_budget_refuses_its_service_only():
    questions = [Question("spotify", "search", (str(n),)) for n in range(3)]
    told = Told({})
    outcome = run({"a": ask([*questions, top_tracks("Кино")])}, told, budget=Budget({"spotify": 2}))["a"]
    assert outcome.errors == {"over_budget": 1}
    assert sum(question.service == "spotify" for question in told.asked) == 2
    assert outcome.answered == 3


def test_nothing_to_ask_is_no_error():
    assert run({"a": ask([], [])}, Told({}))["a"].result == []
    assert run({}, Told({})) == {}
