from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from botapp import flood
from botapp.flood import ALLOWED, TOLD, WINDOW, Flood, Verdict, in_turns

NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)
batches = st.lists(st.integers(0, 5), max_size=60).map(lambda chats: list(enumerate(chats)))


def chat_of(update: tuple[int, int]) -> int:
    return update[1]


@given(batches)
def test_the_order_within_a_chat_is_kept_and_nothing_is_lost(batch):
    turned = in_turns(batch, chat_of)
    assert sorted(turned) == batch
    for chat in range(6):
        assert [update for update in turned if update[1] == chat] == [update for update in batch if update[1] == chat]


@given(batches)
def test_nobody_has_his_second_turn_before_everybody_had_his_first(batch):
    turns: dict[int, int] = {}
    rounds = []
    for _number, chat in in_turns(batch, chat_of):
        turns[chat] = turns.get(chat, 0) + 1
        rounds.append(turns[chat])
    assert rounds == sorted(rounds)


def verdicts(limits: Flood, moments: list[datetime], chat: int = 7) -> list[Verdict]:
    return [limits.verdict(chat, 1000 * chat + number, at) for number, at in enumerate(moments)]


def test_twenty_in_ten_seconds_are_taken_and_the_next_is_told():
    assert verdicts(Flood(), [NOW] * (ALLOWED + 3)) == [
        *[Verdict.TAKE] * ALLOWED,
        Verdict.TELL,
        Verdict.DROP,
        Verdict.DROP,
    ]


def test_it_is_told_once_a_minute():
    limits = Flood()
    everything = [NOW + second * SECOND for second in range(120) for _ in range(5)]
    told = [at for at, said in zip(everything, verdicts(limits, everything), strict=True) if said == Verdict.TELL]
    assert len(told) == 2
    assert told[1] - told[0] >= TOLD


@given(st.lists(st.integers(0, 40), max_size=80).map(sorted))
def test_no_window_holds_more_than_is_allowed_and_a_quiet_chat_is_always_heard(seconds):
    moments = [NOW + second * SECOND / 2 for second in seconds]
    taken = [at for at, said in zip(moments, verdicts(Flood(), moments), strict=True) if said == Verdict.TAKE]
    for at in taken:
        assert sum(at - WINDOW < other <= at for other in taken) <= ALLOWED
    if len(moments) <= ALLOWED:
        assert taken == moments


def test_one_chats_flood_is_nobody_elses():
    limits = Flood()
    verdicts(limits, [NOW] * 100)
    assert verdicts(limits, [NOW], chat=8) == [Verdict.TAKE]


def test_an_update_that_is_brought_again_counts_once():
    limits = Flood()
    assert {limits.verdict(7, 1, NOW) for _ in range(50)} == {Verdict.TAKE}
    assert verdicts(limits, [NOW] * (ALLOWED - 1))[-1] == Verdict.TAKE


def test_the_memory_has_an_end(monkeypatch):
    monkeypatch.setattr(flood, "CHATS", 3)
    limits = Flood()
    for chat in range(10):
        limits.verdict(chat, chat, NOW)
    assert len(limits._chats) == 3
