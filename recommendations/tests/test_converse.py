from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.converse import BLOCK, GIVE_UP_AFTER, WORKERS, Budget, converse
from recommendations.questions import (
    FAILED,
    Answer,
    Conversation,
    Question,
    similar_artists,
    similar_tracks,
    top_tracks,
)
from recommendations.tests.told import NOW, Remembered, Told, row
from vibe.clients.errors import Gone, RateLimited, ServiceError, TokenExpired

SPLIN = (row("Сплин", "Выхода нет", 1.0),)


def ask(*waves: Sequence[Question]) -> Conversation[list[Answer]]:
    got: list[Answer] = []
    for wave in waves:
        got += yield wave
    return got


def run(conversations, services, memory=None, budget=None, **more):
    kept = memory if memory is not None else Remembered()
    return converse(conversations, services, kept, budget or Budget(), **more)


class Crowd(Told):
    """Keeps every call until `WORKERS` are under way or nothing more is sent, and notes how many there were."""

    def __init__(self, calls: int) -> None:
        super().__init__({})
        self.left, self.under_way, self.most = calls, 0, 0
        self.together = threading.Condition()

    def fetch(self, question: Question) -> Answer:
        with self.together:
            self.under_way += 1
            self.left -= 1
            self.most = max(self.most, self.under_way)
            self.together.notify_all()
            self.together.wait_for(lambda: self.most >= WORKERS or not self.left, timeout=30)
            self.under_way -= 1
        return super().fetch(question)


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


def test_an_answer_that_nobody_foresaw_costs_its_source_and_not_the_run(caplog: pytest.LogCaptureFixture):
    odd, good = top_tracks("Кино"), Question("spotify", "search", ("x",))
    told = Told({odd: TypeError("unhashable type: 'dict'"), good: SPLIN})
    outcomes = run({"odd": ask([odd]), "good": ask([good])}, told)
    assert outcomes["odd"].result == [FAILED]
    assert outcomes["odd"].errors == {"broken": 1}
    assert outcomes["good"].result == [SPLIN]
    assert "service=lastfm family=top_tracks broke" in caplog.text


def test_a_service_that_breaks_every_answer_is_given_up():
    questions = [[top_tracks(str(n))] for n in range(10)]
    told = Told({asked[0]: TypeError("unhashable type: 'dict'") for asked in questions})
    run({"a": ask(*questions)}, told)
    assert len(told.asked) == GIVE_UP_AFTER


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


def test_a_route_that_refuses_every_token_is_no_storm_of_renewals():
    questions = [[Question("spotify", "search", (str(n),))] for n in range(40)]
    told = Told({asked[0]: TokenExpired("spotify") for asked in questions})
    run({"a": ask(*questions)}, told)
    assert told.renewed == 1
    assert len(told.asked) == 2 * GIVE_UP_AFTER


def test_a_service_that_keeps_failing_is_given_up():
    questions = [[top_tracks(str(n))] for n in range(10)]
    told = Told({asked[0]: ServiceError("lastfm", "unavailable") for asked in questions})
    outcome = run({"a": ask(*questions)}, told)["a"]
    assert len(told.asked) == GIVE_UP_AFTER
    assert outcome.errors == {"unavailable": GIVE_UP_AFTER, "given_up": 10 - GIVE_UP_AFTER}


def test_a_service_that_is_silent_twice_is_given_up():
    questions = [[top_tracks(str(n))] for n in range(10)]
    told = Told({asked[0]: ServiceError("lastfm", "timeout") for asked in questions})
    run({"a": ask(*questions)}, told)
    assert len(told.asked) == 2


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


def test_a_budget_may_also_limit_a_family():
    budget = Budget({"spotify": 4, "spotify/search": 2, "lastfm": 1})
    asked = ["search", "album_tracks", "search", "search", "album_tracks", "album_tracks"]
    assert [budget.take("spotify", family) for family in asked] == [True, True, True, False, True, False]
    assert budget.left == {"spotify": 0, "spotify/search": 0, "lastfm": 1}


def test_a_spent_family_leaves_the_other_families_their_calls():
    questions = [Question("spotify", family, (str(n),)) for n in range(3) for family in ("search", "album_tracks")]
    told = Told({})
    outcome = run({"a": ask(questions)}, told, budget=Budget({"spotify": 9, "spotify/search": 1}))["a"]
    assert Counter(question.family for question in told.asked) == {"search": 1, "album_tracks": 3}
    assert outcome.errors == {"over_budget": 2}


@given(
    left=st.dictionaries(st.sampled_from(["spotify", "spotify/search", "spotify/me", "lastfm"]), st.integers(0, 5)),
    calls=st.lists(st.tuples(st.sampled_from(["spotify", "lastfm"]), st.sampled_from(["search", "me"]))),
)
def test_no_more_calls_are_ever_granted_than_every_limit_has(left, calls):
    budget, granted = Budget(dict(left)), Counter[str]()
    for service, family in calls:
        if budget.take(service, family):
            granted.update([service, f"{service}/{family}"])
        else:
            assert 0 in (left.get(key, -1) - granted[key] for key in (service, f"{service}/{family}"))
    assert all(granted[key] == limit - budget.left[key] <= limit for key, limit in left.items())


def test_no_more_calls_are_under_way_than_there_are_workers():
    crowd = Crowd(50)
    assert run({"a": ask([top_tracks(str(n)) for n in range(50)])}, crowd)["a"].answered == 50
    assert crowd.most == WORKERS


def test_permits_are_reserved_in_small_blocks_and_none_for_what_is_not_sent():
    told = Told({})
    run({"a": ask([top_tracks(str(n)) for n in range(20)], [Question("spotify", "search", ("x",))])}, told)
    assert told.reserved == [("lastfm", 8), ("lastfm", 8), ("lastfm", 4), ("spotify", 1)]
    assert max(count for _, count in told.reserved) <= BLOCK


def test_nothing_is_reserved_for_a_service_that_was_given_up():
    questions = [top_tracks(str(n)) for n in range(200)]
    told = Told(dict.fromkeys(questions, ServiceError("lastfm", "unavailable")))
    run({"a": ask(questions)}, told)
    assert sum(count for _, count in told.reserved) <= len(told.asked) + BLOCK


def test_a_service_with_much_to_be_asked_does_not_hold_up_another():
    many, few = [top_tracks(str(n)) for n in range(40)], [Question("spotify", "search", (str(n),)) for n in range(4)]
    told = Told({})
    run({"a": ask(many), "b": ask(few)}, told)
    assert {question.service for question in told.asked[:WORKERS]} == {"lastfm", "spotify"}
    assert max(told.asked.index(question) for question in few) < 2 * WORKERS


def test_where_too_many_others_wait_the_round_ends_and_the_caller_hears_until_when():
    class Full(Told):
        def reserve(self, service: str, count: int) -> None:
            if service == "spotify":
                raise RateLimited(service, NOW)

    memory = Remembered()
    waves = [[top_tracks("Кино")], [Question("spotify", "search", ("x",))]]
    with pytest.raises(RateLimited):
        run({"a": ask(*waves)}, Full({top_tracks("Кино"): SPLIN}), memory)
    assert memory == {top_tracks("Кино"): SPLIN}


class Stopped(BaseException):
    pass


def stop() -> None:
    raise Stopped


def test_an_interrupted_round_keeps_the_answers_that_were_paid_for():
    memory, crowd = Remembered(), Crowd(20)
    with pytest.raises(Stopped):
        run({"a": ask([top_tracks(str(n)) for n in range(20)])}, crowd, memory, tick=stop)
    assert len(memory) == len(crowd.asked) == WORKERS


def test_a_memory_that_fails_does_not_hide_what_interrupted_the_round(caplog: pytest.LogCaptureFixture):
    class Full(Remembered):
        def write(self, answers):
            raise OSError("disk full")

    with pytest.raises(Stopped):
        run({"a": ask([top_tracks("Кино")])}, Told({}), Full(), tick=stop)
    assert "interrupted round" in caplog.text


def test_a_round_shows_that_it_lives_while_nothing_is_answered(monkeypatch):
    monkeypatch.setattr("recommendations.converse.PATIENCE", 0.01)
    ticks, enough = [], threading.Event()

    class Slow(Told):
        def fetch(self, question: Question) -> Answer:
            assert enough.wait(30)
            return super().fetch(question)

    def tick() -> None:
        ticks.append(1)
        if len(ticks) == 3:
            enough.set()

    assert run({"a": ask([top_tracks("Кино")])}, Slow({}), tick=tick)["a"].answered == 1
    assert len(ticks) >= 3


def test_nothing_to_ask_is_no_error():
    assert run({"a": ask([], [])}, Told({}))["a"].result == []
    assert run({}, Told({})) == {}
