from __future__ import annotations

import itertools
import logging
from datetime import UTC, datetime
from typing import Any

import pytest
import telebot
from django.db import IntegrityError, OperationalError, connection
from django.utils import timezone
from django.utils.translation import get_language
from hypothesis import HealthCheck, given
from hypothesis import settings as options
from hypothesis import strategies as st

from accounts import callbacks
from accounts.models import Outbox, User
from botapp import bot
from botapp.flood import ALLOWED
from botapp.intake import HOUR, KEPT, PATIENCE, Intake
from botapp.models import HandledUpdate
from botapp.tests.listener import delivers, press, presses, says, shown
from botapp.turn import HANDLERS, Entry, Turn
from vibe.clients.meter import Meter
from vibe.logs import ScrubbingFormatter

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
ANN = {"id": 7, "is_bot": False, "first_name": "Ann", "username": "ann", "language_code": "en"}
CHAT = {"id": 7, "type": "private", "first_name": "Ann"}
GROUP = {"id": -100, "type": "supergroup", "title": "Friends"}
NUMBERS = itertools.count(50_000)


class Heard(list[Turn]):
    """What reached the handlers of these tests: /echo, the button `only`, /open for everybody, /ask and /fail."""

    @property
    def arguments(self) -> list[str]:
        return [turn.arguments for turn in self]


@pytest.fixture(autouse=True)
def heard(monkeypatch, settings) -> Heard:
    settings.BOT_OPEN = True
    turns = Heard()

    def echo(turn: Turn) -> None:
        turns.append(turn)
        turn.say("unknown", language=get_language(), zone=str(timezone.get_current_timezone()))

    def ask(turn: Turn) -> None:
        turn.await_answer("echo")

    def fail(turn: Turn) -> None:
        turn.user.playlist_size = 55
        turn.user.save()
        turn.say("unknown")
        raise RuntimeError("token=canary-0123456789")

    entries = {"echo": (echo, False, True), "only": (echo, False, False), "open": (echo, True, True)}
    entries |= {"ask": (ask, False, True), "fail": (fail, False, True)}
    for name, (handler, everybody, typed) in entries.items():
        monkeypatch.setitem(HANDLERS, name, Entry(handler, everybody=everybody, typed=typed))
    return turns


def kinds(said) -> list[str]:
    return [message.kind for message in said]


def message(text: str | None = None, chat: dict[str, Any] = CHAT, **more: Any) -> dict[str, Any]:
    row = {"message_id": 1, "from": ANN, "chat": chat, "date": 1_790_000_000} | more
    return row | ({"text": text} if text is not None else {})


def take(intake: Intake, now: datetime = NOW, number: int | None = None, **update: Any) -> None:
    number = next(NUMBERS) if number is None else number
    intake.take({"update_id": number, **update}, now, Meter(lambda: now, {}))


def test_a_first_contact_makes_a_listener_without_a_password():
    says(7, "/echo", name="Ann")
    user = User.objects.get(telegram_chat_id=7)
    assert (user.username, user.telegram_username, user.is_staff) == ("tg7", "ann", False)
    assert not user.has_usable_password()
    says(7, "/echo", name="Anna")
    assert User.objects.get().telegram_username == "anna"


def test_a_name_that_is_taken_keeps_nobody_out():
    User.objects.create_user("tg7")
    says(7, "/echo")
    assert User.objects.get(telegram_chat_id=7).username.startswith("tg7-")


@pytest.mark.parametrize(
    ("spoken", "language"), [("ru", "ru"), ("ru-RU", "ru"), ("RU", "ru"), ("", "en"), ("pt-br", "en"), ("run", "en")]
)
def test_telegrams_language_counts_at_the_first_contact_alone(spoken, language):
    (said,) = says(7, "/echo", language_code=spoken)
    assert said.payload["language"] == User.objects.get().language == language
    says(7, "/echo", language_code="en" if language == "ru" else "ru")
    assert User.objects.get().language == language


def test_a_handler_speaks_in_its_listeners_language_and_zone():
    says(7, "/echo")
    User.objects.update(language="ru", timezone="Asia/Tokyo")
    (said,) = says(7, "/echo")
    assert said.payload == {"language": "ru", "zone": "Asia/Tokyo"}
    assert get_language() == "en"


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("/echo", ""),
        ("/ECHO  a b ", "a b"),
        ("/echo@daily_vibe_bot x", "x"),
        ("/echo\nx\ny", "x\ny"),
        ("/echo 🎧 <b>'\";--", "🎧 <b>'\";--"),
        ("/echo a\x00b\ud800c", "abc"),
        ("/echo " + "x" * 5000, "x" * 4090),
    ],
)
def test_a_command_gets_what_was_written_behind_it(heard, text, arguments):
    says(7, text)
    assert heard.arguments == [arguments]


@pytest.mark.parametrize("text", ["/nothing", "/", "/ echo", "hello", "//echo", "/only", "echo", "🎧"])
def test_whatever_is_no_command_is_answered_with_a_hint(heard, text):
    (said,) = says(7, text)
    assert "/help" in said.html
    assert not heard


@pytest.mark.parametrize("what", [{"sticker": {}}, {"photo": []}, {"location": {"latitude": 1, "longitude": 1}}])
def test_what_is_no_text_is_answered_with_a_hint(what):
    fields = {"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1, "is_animated": False, "is_video": False}
    sticker = {"sticker": fields | {"type": "regular"}}
    assert kinds(delivers(message=message(**(sticker if "sticker" in what else what)))) == ["unknown"]


def test_a_label_of_the_keyboard_is_its_command_in_both_languages(heard, monkeypatch):
    monkeypatch.setitem(HANDLERS, "latest", HANDLERS["echo"])
    says(7, "Latest")
    User.objects.update(language="ru")
    says(7, " Latest ")
    assert len(heard) == 2


def test_plain_text_is_the_word_that_was_awaited_once(heard):
    says(7, "/ask")
    says(7, "Paris")
    assert kinds(says(7, "Paris")) == ["unknown"]
    assert heard.arguments == ["Paris"]


@pytest.mark.parametrize("meanwhile", ["/open", "/nothing", "Help"])
def test_another_command_ends_the_waiting(heard, meanwhile):
    says(7, "/ask")
    says(7, meanwhile)
    assert kinds(says(7, "Paris")) == ["unknown"]


def test_a_stranger_reaches_what_is_for_everybody_alone(heard, settings):
    settings.BOT_OPEN = False
    assert kinds(says(7, "/echo")) == kinds(says(7, "hello")) == kinds(presses(7, "only")) == ["waiting"]
    assert not heard
    says(7, "/open x")
    assert heard.arguments == ["x"]
    User.objects.update(is_approved=True)
    says(7, "/echo y")
    assert heard.arguments == ["x", "y"]


def test_who_was_shut_out_stays_out_of_an_open_bot(heard):
    says(7, "/open")
    User.objects.update(is_active=False)
    assert kinds(says(7, "/echo")) == ["waiting"]


def test_the_operator_lets_himself_in(heard, settings):
    settings.BOT_OPEN, settings.OPERATOR_CHAT_ID = False, "7"
    says(7, "/echo")
    assert len(heard) == 1
    assert User.objects.get().is_approved


def test_a_button_brings_its_arguments_and_its_message(heard):
    delivers(callback_query=press(7, callbacks.sealed(7, "only:12 a"), message_id=33))
    (turn,) = heard
    assert (turn.arguments, turn.pressed, turn.chat_id) == ("12 a", 33, 7)


@pytest.mark.parametrize("data", ["only", "only~000000000000", "", "~", "only:1~" + "0" * 12, "ы" * 40])
def test_a_button_that_was_not_made_for_this_chat_does_nothing(heard, data):
    assert delivers(callback_query=press(7, data)) == []
    assert delivers(callback_query=press(7, callbacks.sealed(8, "only"))) == []
    assert not heard
    assert not User.objects.exists()


def test_a_button_whose_feature_is_gone_does_nothing(heard):
    assert presses(7, "gone:1") == []
    assert not heard


def test_a_button_under_a_message_that_telegram_forgot_still_works(heard):
    old = press(7, callbacks.sealed(7, "only:1"))
    old["message"] = {"message_id": 3, "date": 0, "chat": CHAT}
    delivers(callback_query=old)
    del old["message"]
    delivers(callback_query=old | {"inline_message_id": "x"})
    assert heard.arguments == ["1"]


def test_an_update_that_comes_again_changes_nothing(heard):
    intake = Intake()
    for _ in range(3):
        take(intake, number=9, message=message("/echo"))
    assert len(heard) == 1
    assert Outbox.objects.count() == 1


def test_a_handler_that_fails_changes_nothing_and_is_told(heard, caplog):
    intake = Intake()
    for _ in range(2):
        take(intake, number=9, message=message("/fail"))
    assert [said.kind for said in shown(7)] == ["error"]
    assert "9" in shown(7)[0].html
    assert not User.objects.filter(playlist_size=55).exists()
    assert HandledUpdate.objects.filter(pk=9).exists()
    assert "update=9" in caplog.text


def test_the_words_of_a_failure_are_scrubbed_where_they_are_printed(caplog):
    take(Intake(), message=message("/fail"))
    printed = "".join(map(ScrubbingFormatter().format, caplog.records))
    assert "RuntimeError" in printed
    assert "canary" not in printed


def test_while_the_database_is_away_the_update_is_to_come_again(heard, caplog):
    intake = Intake()

    def away(*_: Any) -> None:
        raise OperationalError("the server went away")

    with connection.execute_wrapper(away), pytest.raises(OperationalError):
        take(intake, number=9, message=message("/echo"))
    assert not heard
    take(intake, number=9, message=message("/echo"))
    assert len(heard) == 1


def test_an_update_of_which_alone_the_database_fails_is_given_up_in_the_end(monkeypatch):
    def stumble(_turn: Turn) -> None:
        raise OperationalError("too many SQL variables")

    monkeypatch.setitem(HANDLERS, "echo", Entry(stumble, everybody=False, typed=True))
    intake = Intake()
    for _ in range(PATIENCE):
        with pytest.raises(OperationalError):
            take(intake, number=9, message=message("/echo"))
    take(intake, number=9, message=message("/echo"))
    assert [said.kind for said in shown(7)] == ["error"]


def test_a_race_for_a_row_is_a_failure_of_the_handler_and_not_of_the_database(monkeypatch):
    def clash(_turn: Turn) -> None:
        raise IntegrityError("UNIQUE constraint failed")

    monkeypatch.setitem(HANDLERS, "echo", Entry(clash, everybody=False, typed=True))
    assert kinds(says(7, "/echo")) == ["error"]


def test_a_group_is_told_once_where_the_bot_works(heard):
    said = delivers(message=message("/echo@daily_vibe_bot", GROUP))
    assert (kinds(said), said[0].chat_id) == (["group"], -100)
    assert delivers(message=message("/echo", GROUP)) == []
    assert not heard
    assert not User.objects.exists()


def test_a_group_is_told_in_the_language_of_who_asked():
    (said,) = delivers(message=message("/start", GROUP, **{"from": ANN | {"language_code": "ru"}}))
    assert said.payload == {"language": "ru"}


@pytest.mark.parametrize("text", ["hello", "/start@another_bot", None])
def test_a_groups_own_affairs_are_not_answered(text):
    assert delivers(message=message(text, GROUP)) == []


def test_nobody_presses_buttons_in_a_group(heard):
    pressed = press(7, callbacks.sealed(-100, "only"))
    pressed["message"]["chat"] = GROUP
    assert delivers(callback_query=pressed) == []
    assert not heard


def member(status: str, chat: dict[str, Any] = CHAT) -> dict[str, Any]:
    us = {"id": 1, "is_bot": True, "first_name": "Bot"}
    before = {"user": us, "status": "member"}
    after = {"user": us, "status": status} | ({"until_date": 0} if status == "kicked" else {})
    return {"chat": chat, "from": ANN, "date": 1, "old_chat_member": before, "new_chat_member": after}


def test_who_blocks_the_bot_is_not_written_to_until_he_is_back():
    says(7, "/echo")
    delivers(my_chat_member=member("kicked"))
    assert User.objects.get().is_bot_blocked
    delivers(my_chat_member=member("member"))
    assert not User.objects.get().is_bot_blocked
    delivers(my_chat_member=member("kicked"))
    says(7, "/echo")
    assert not User.objects.get().is_bot_blocked


def test_a_block_by_somebody_unknown_or_by_a_group_is_nothing():
    says(7, "/echo")
    delivers(my_chat_member=member("kicked", CHAT | {"id": 8}))
    delivers(my_chat_member=member("kicked", GROUP | {"id": 7}))
    assert not User.objects.get().is_bot_blocked


def test_too_much_from_one_chat_is_left_out_and_told_once(heard):
    intake = Intake()
    for _ in range(ALLOWED + 5):
        take(intake, message=message("/echo"))
    assert len(heard) == ALLOWED
    assert [said.kind for said in shown(7)].count("flood") == 1
    assert HandledUpdate.objects.count() == ALLOWED + 5
    take(intake, message=message("/echo", date=1_790_000_011))
    assert len(heard) == ALLOWED + 1


def test_what_telegram_has_forgotten_is_forgotten_here(heard):
    intake = Intake()
    take(intake, NOW - KEPT - HOUR, number=1, message=message("/echo"))
    take(intake, NOW - 2 * HOUR, number=2, message=message("/echo"))
    take(intake, NOW, number=3, message=message("/echo"))
    assert set(HandledUpdate.objects.values_list("pk", flat=True)) == {2, 3}


NO_MESSAGES: list[Any] = [5, [], {}, "x", {"chat": 5}, message("/echo", {"id": "7"})]
RUBBISH: list[Any] = [
    *(None, 5, "text", [], {}, {"update_id": "x"}, {"update_id": 1}, {"update_id": None, "message": {}}),
    *({"update_id": 1, "message": part} for part in NO_MESSAGES),
    {"update_id": 2**70, "message": message("/echo")},
    {"update_id": 1, "message": message("/echo", CHAT | {"id": 2**70})},
    {"update_id": 1, "message": message("/echo", CHAT | {"id": True})},
    {"update_id": 1, "message": {**message("/echo"), "from": 5}},
    {"update_id": 1, "message": {**message(), "text": ["/echo"]}},
    {"update_id": 1, "callback_query": {"id": "1"}},
    {"update_id": 1, "my_chat_member": {"chat": CHAT}},
    {"update_id": 1, "edited_message": message("/echo")},
]


@pytest.mark.parametrize("update", RUBBISH, ids=range(len(RUBBISH)))
def test_rubbish_is_dropped_and_stops_nobody(update, heard):
    Intake().take(update, NOW, Meter(lambda: NOW, {}))
    assert not heard
    says(7, "/echo")
    assert len(heard) == 1


scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
names = st.sampled_from(["id", "chat", "from", "text", "message", "date", "data", "type", "message_id"])
junk = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=5),
    max_leaves=10,
)


@given(st.sampled_from(["message", "callback_query", "my_chat_member", "poll"]), junk)
@options(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_shape_of_an_update_is_fatal(kind, part):
    Intake().take({"update_id": next(NUMBERS), kind: part}, NOW, Meter(lambda: NOW, {}))


def test_telebots_own_handler_prints_nothing():
    bot.build()
    assert telebot.console_output_handler not in logging.getLogger("TeleBot").handlers
