from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests
import responses as faked
from django.db import OperationalError

from accounts.models import Outbox
from botapp import presence
from botapp.ending import Asked, Ending
from botapp.loop import AGAIN, CONFLICTS, LONG, SETTLED, SOON, GivesUp, Loop
from botapp.presence import SILENT, Presence
from botapp.turn import HANDLERS, Entry, Turn
from vibe.clients.models import Heartbeat, ServiceState

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
API = "https://api.telegram.org/bot123456:a-token/"
CONFLICT = 409, {"description": "Conflict: terminated by other getUpdates request"}
WEBHOOK = 409, {"description": "Conflict: can't use getUpdates method while webhook is active"}


class Hurried(Ending):
    """Sleeps in no time."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        if self.asked:
            raise Asked
        self.slept.append(round(seconds))


class Telegram:
    """Answers getUpdates from a script; when it is at its end, the process is asked to end."""

    def __init__(self, ending: Ending) -> None:
        self.ending = ending
        self.script: list[Any] = []
        self.polls: list[dict[str, str]] = []

    @property
    def offsets(self) -> list[int]:
        return [int(poll.get("offset", 0)) for poll in self.polls]

    def __call__(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        self.polls.append(dict(parse_qsl(str(request.body))))
        if not self.script:
            self.ending.asked = True
            return 200, {}, json.dumps({"ok": True, "result": []})
        answer = self.script.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, tuple):
            return answer[0], {}, json.dumps({"ok": False, "error_code": answer[0]} | answer[1])
        return 200, {}, json.dumps({"ok": True, "result": answer})


@pytest.fixture
def ending() -> Hurried:
    return Hurried()


@pytest.fixture
def web(settings) -> Iterator[faked.RequestsMock]:
    settings.TELEGRAM_BOT_TOKEN, settings.TELEGRAM_API_URL = "123456:a-token", "https://api.telegram.org"
    settings.BOT_OPEN = True
    with faked.RequestsMock(assert_all_requests_are_fired=False) as web:
        web.post(API + "sendMessage", json={"ok": True, "result": {"message_id": 77}})
        yield web


@pytest.fixture
def telegram(web, ending) -> Telegram:
    telegram = Telegram(ending)
    web.add_callback("POST", API + "getUpdates", telegram)
    return telegram


@pytest.fixture
def heard(monkeypatch) -> list[tuple[int, int]]:
    """(chat, update) of every /echo."""
    heard: list[tuple[int, int]] = []

    def echo(turn: Turn) -> None:
        heard.append((turn.chat_id, turn.update_id))

    monkeypatch.setitem(HANDLERS, "echo", Entry(echo, everybody=True, typed=True))
    return heard


class Watch:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def loop(telegram, ending, watch) -> Loop:
    return Loop(lambda: NOW, ending, rest=lambda: None, monotonic=watch)


def update(number: int, chat: int = 7, text: str = "/echo") -> dict[str, Any]:
    ann = {"id": chat, "is_bot": False, "first_name": "Ann"}
    message = {"message_id": 1, "from": ann, "chat": {"id": chat, "type": "private"}, "date": 1, "text": text}
    return {"update_id": number, "message": message}


def run(loop: Loop) -> None:
    try:
        loop.run()
    finally:
        loop.finish()


def test_a_batch_is_acknowledged_when_all_of_it_was_handled(loop, telegram, heard):
    telegram.script = [[update(5), update(6)], [update(7)]]
    run(loop)
    assert [number for _chat, number in heard] == [5, 6, 7]
    assert telegram.offsets == [0, 7, 8, 8]
    assert telegram.polls[0]["timeout"] == str(LONG)
    assert json.loads(telegram.polls[0]["allowed_updates"]) == ["message", "callback_query", "my_chat_member"]
    assert (telegram.polls[-1]["timeout"], telegram.polls[-1]["limit"]) == ("0", "1")


def test_who_is_asked_to_end_acknowledges_what_was_handled_and_no_more(loop, telegram, heard, ending, monkeypatch):
    def stop(_turn: Turn) -> None:
        ending.asked = True

    monkeypatch.setitem(HANDLERS, "stop", Entry(stop, everybody=True, typed=True))
    telegram.script = [[update(5), update(6, text="/stop"), update(7)]]
    run(loop)
    assert heard == [(7, 5)]
    assert telegram.offsets == [0, 7]


def test_where_chats_take_turns_what_was_left_out_comes_again(loop, telegram, heard, ending, monkeypatch):
    def stop(_turn: Turn) -> None:
        ending.asked = True

    monkeypatch.setitem(HANDLERS, "stop", Entry(stop, everybody=True, typed=True))
    telegram.script = [[update(5), update(6), update(7, chat=8, text="/stop")]]
    run(loop)
    assert heard == [(7, 5)]
    assert telegram.offsets == [0, 6]


def test_one_chats_many_do_not_delay_the_others(loop, telegram, heard):
    telegram.script = [[*(update(number) for number in range(1, 10)), update(10, chat=8)]]
    run(loop)
    assert heard[:3] == [(7, 1), (8, 10), (7, 2)]


def test_rubbish_in_a_batch_stops_nobody_and_does_not_come_again(loop, telegram, heard):
    telegram.script = [[{"update_id": 5, "message": 5}, {"update_id": 6, "poll": {}}, update(7)]]
    run(loop)
    assert heard == [(7, 7)]
    assert telegram.offsets[1] == 8


@pytest.mark.parametrize(
    "trouble", [requests.ConnectionError(API), (502, {}), requests.ReadTimeout(API), {"a": 1}, [5]]
)
def test_while_telegram_is_away_the_pauses_grow_and_then_it_goes_on(loop, telegram, heard, ending, trouble, caplog):
    telegram.script = [*[trouble] * 7, [update(5)], trouble]
    run(loop)
    assert ending.slept == [1, 2, 4, 8, 16, 30, 30, 1]
    assert heard == [(7, 5)]
    assert "a-token" not in caplog.text


def test_a_limit_is_waited_out_and_holds_what_is_to_be_said(loop, telegram, ending, web):
    telegram.script = [(429, {"parameters": {"retry_after": 40}}), [update(5, text="/nothing")]]
    run(loop)
    assert ending.slept == [40]
    assert Outbox.objects.get().status == "pending"
    assert not [call for call in web.calls if "sendMessage" in call.request.url]


def test_who_is_new_gives_way_to_another_program(loop, telegram):
    telegram.script = [CONFLICT]
    with pytest.raises(GivesUp, match="409"):
        run(loop)
    assert len(telegram.polls) == 1
    assert Heartbeat.objects.get(name="bot-conflict").at == loop.clock()


def test_who_was_there_first_holds_out(loop, telegram, watch, ending, heard):
    watch.seconds = SETTLED + 1
    telegram.script = [*[CONFLICT] * (CONFLICTS - 1), [update(5)], *[CONFLICT] * (CONFLICTS - 1)]
    run(loop)
    assert heard == [(7, 5)]
    telegram.script, ending.asked = [CONFLICT] * CONFLICTS, False
    with pytest.raises(GivesUp, match="409"):
        run(loop)


@pytest.mark.parametrize(
    ("answer", "words"), [(WEBHOOK, "webhook"), ((401, {}), "BOT_TOKEN"), ((404, {}), "BOT_TOKEN")]
)
def test_what_no_waiting_mends_is_said(loop, telegram, answer, words):
    telegram.script = [answer]
    with pytest.raises(GivesUp, match=words):
        run(loop)


def test_while_the_database_is_away_nothing_is_acknowledged(loop, telegram, ending, monkeypatch):
    failures = [OperationalError("gone"), OperationalError("gone")]
    done: list[int] = []

    def unlucky(turn: Turn) -> None:
        if failures:
            raise failures.pop()
        done.append(turn.update_id)

    monkeypatch.setitem(HANDLERS, "echo", Entry(unlucky, everybody=True, typed=True))
    telegram.script = [[update(5), update(6)]] * 3
    run(loop)
    assert telegram.offsets == [0, 5, 5, 7, 7]
    assert done == [5, 6]
    assert ending.slept == [1, 2]


def test_what_others_wrote_is_said_between_the_polls(loop, telegram, web):
    Outbox.objects.create(key="k", chat_id=9, kind="unknown")
    telegram.script = [[]]
    run(loop)
    assert Outbox.objects.get().status == "sent"
    assert telegram.polls[0]["timeout"] == str(LONG)


@pytest.mark.parametrize(("seconds", "poll"), [(3600, LONG), (10, 10), (1, SOON)])
def test_a_poll_ends_when_there_is_something_to_say(loop, telegram, seconds, poll):
    Outbox.objects.create(key="k", chat_id=9, kind="unknown", not_before=NOW + timedelta(seconds=seconds))
    telegram.script = [[]]
    run(loop)
    assert telegram.polls[0]["timeout"] == str(poll)


def test_what_cannot_be_said_now_is_tried_again_soon(loop, telegram):
    ServiceState.objects.create(service="telegram", blocked_until=NOW + timedelta(hours=1), reason="rate_limited")
    Outbox.objects.create(key="k", chat_id=9, kind="unknown")
    telegram.script = [[]]
    run(loop)
    assert telegram.polls[0]["timeout"] == str(SOON)


def test_once_is_until_nothing_waits(loop, telegram, heard):
    telegram.script = [[update(5)], [update(6)], []]
    loop.once()
    assert len(heard) == 2
    assert telegram.offsets == [0, 6, 7]
    assert {poll["timeout"] for poll in telegram.polls} == {"0"}


OTHER = "bot:elsewhere:17"


def there(name: str = OTHER, at: datetime = NOW) -> None:
    Heartbeat.objects.create(name="bot", at=at)
    Heartbeat.objects.create(name=name, at=at)


def test_one_bot_is_enough():
    there()
    assert Presence().claim(NOW + SILENT / 2) == "elsewhere:17"
    assert Heartbeat.objects.filter(name=OTHER).exists()


def test_who_was_silent_for_a_minute_is_replaced():
    there()
    us = Presence()
    assert us.claim(NOW + SILENT) == ""
    assert us.beat(NOW + SILENT)
    assert not Heartbeat.objects.filter(name=OTHER).exists()


def test_a_process_that_is_gone_is_replaced_at_once(monkeypatch):
    gone = next(number for number in range(4_000_000, 5_000_000) if not os.path.exists(f"/proc/{number}"))
    there(f"bot:{presence._host()}:{gone}")
    assert Presence().claim(NOW) == ""


def test_a_process_of_this_machine_that_lives_is_not_replaced():
    there(f"bot:{presence._host()}:1")
    assert Presence().claim(NOW) == f"{presence._host()}:1"


def test_who_leaves_makes_room():
    us = Presence()
    us.claim(NOW)
    us.leave()
    assert not Heartbeat.objects.exists()


def test_who_was_replaced_ends(telegram, ending, heard):
    us = Presence()
    us.claim(NOW)
    Heartbeat.objects.exclude(name="bot").update(name=OTHER)
    loop = Loop(lambda: NOW, ending, presence=us, rest=lambda: None)
    telegram.script = [[update(5)]]
    with pytest.raises(GivesUp, match="took over"):
        run(loop)
    assert not telegram.polls
    assert Heartbeat.objects.filter(name=OTHER).exists()


def test_the_bot_shows_that_it_lives(telegram, ending):
    us = Presence()
    us.claim(NOW - SILENT)
    seen: list[datetime] = []
    rest: Callable[[], None] = lambda: seen.append(Heartbeat.objects.get(name="bot").at)  # noqa: E731
    run(Loop(lambda: NOW, ending, presence=us, rest=rest))
    assert seen == [NOW]


def test_the_pauses_end_below_a_minute():
    assert max(AGAIN) < SILENT.total_seconds()
