from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Outbox
from botapp import bot, flood
from botapp.flood import ALLOWED, TOLD, WINDOW, Flood, Verdict, in_turns
from botapp.intake import Intake

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


@pytest.mark.django_db
def test_what_was_written_slowly_while_the_bot_was_away_is_all_answered(settings):
    """And what was written fast is not; presses, of which nobody knows when, count as they come."""
    ann = {"id": 7, "is_bot": False, "first_name": "Ann"}
    settings.BOT_OPEN = True
    morning = int(NOW.timestamp()) - 6 * 3600
    taken = {}
    for chat, gap in ((7, 60), (8, 0)):
        person = ann | {"id": chat}
        intake = Intake()
        for number in range(50):
            message = {"message_id": 1, "from": person, "chat": person | {"type": "private"}, "text": "/nothing"}
            if number == 25:
                pressed = {
                    "id": "1",
                    "from": person,
                    "chat_instance": "1",
                    "data": "x",
                    "message": message | {"date": 1},
                }
                assert intake.handle({"update_id": 100 * chat + 99, "callback_query": pressed}, NOW) is not None
            message["date"] = morning + gap * number
            intake.handle({"update_id": 100 * chat + number, "message": message}, NOW)
        taken[chat] = Counter(Outbox.objects.filter(chat_id=chat).values_list("kind", flat=True))
    assert taken == {7: {"unknown": 50}, 8: {"unknown": 20, "flood": 1}}


@pytest.mark.django_db
@pytest.mark.parametrize("date", [None, "soon", -1, 0, True, 10**30, 1.5])
def test_a_message_without_a_sensible_date_is_of_now(date):
    ann = {"id": 7, "is_bot": False, "first_name": "Ann"}
    message = {"message_id": 1, "from": ann, "chat": ann | {"type": "private"}, "text": "/nothing", "date": date}
    found = bot.read({"update_id": 1, "message": message}, NOW)
    assert found is not None
    assert found[1].written is None


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
