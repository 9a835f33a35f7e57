"""Who is let in: the newcomer asks, the operator presses."""

from __future__ import annotations

import pytest

from accounts.models import Outbox, User
from botapp.tests.at_home import in_each_language, meet, now_has
from botapp.tests.listener import presses, says, shown

pytestmark = pytest.mark.django_db

OPERATOR, NEWCOMER = 1, 9


@pytest.fixture(autouse=True)
def operator(settings):
    settings.OPERATOR_CHAT_ID = str(OPERATOR)
    return User.objects.create(username="tg1", telegram_chat_id=OPERATOR, is_approved=True)


def newcomer():
    return User.objects.get(telegram_chat_id=NEWCOMER)


def to(chat, said):
    return [one for one in said if one.chat_id == chat]


def sent(chat, number):
    """Telegram has taken what was said in this chat, as message `number`."""
    Outbox.objects.filter(chat_id=chat).update(status="sent", message_id=number)


def test_a_newcomer_is_told_to_wait_and_the_operator_of_him():
    said = says(NEWCOMER, "/start", name="Neu")
    (request,), (answer,) = to(OPERATOR, said), to(NEWCOMER, said)
    assert "Somebody wants in:" in request.html
    assert "Neu @neu" in request.html
    assert "User Management" in request.html
    assert "Places taken: 1 of 5." in request.html
    assert request.labels == ["Let in", "Refuse"]
    assert "my operator has just been asked" in answer.html
    assert answer.labels == ["Without the address", "English · Русский"]
    assert not newcomer().is_approved


def test_the_operator_is_asked_once_for_each_newcomer():
    says(NEWCOMER, "/start")
    assert not to(OPERATOR, says(NEWCOMER, "/start"))
    assert to(OPERATOR, says(10, "/start"))


def test_he_is_asked_again_where_the_first_message_never_reached_him():
    says(NEWCOMER, "/start")
    Outbox.objects.filter(chat_id=OPERATOR).update(status="dead")
    assert to(OPERATOR, says(NEWCOMER, "/start"))


def test_the_address_is_written_into_the_operators_message_and_nowhere_else():
    says(NEWCOMER, "/start")
    sent(OPERATOR, 55)
    said = says(NEWCOMER, "neu@example.org")
    (request,), (answer,) = to(OPERATOR, said), to(NEWCOMER, said)
    assert request.edits == 55
    assert "neu@example.org" in request.html
    assert "not told the address" not in request.html
    assert "neu@example.org" in answer.html
    assert newcomer().email == ""
    assert newcomer().asked == ""


@pytest.mark.parametrize(
    "words",
    ["me", "a@b", "@neu", "a b@c.de", "x" * 300 + "@example.org", "<b>@c.de", "😀@c.de", "a@c.de\nb@c.de", "'; --"],
)
def test_what_is_no_address_is_not_passed_on(words):
    says(NEWCOMER, "/start")
    said = says(NEWCOMER, words)
    assert not to(OPERATOR, said)
    assert "is not an e-mail address" in said[0].html
    assert newcomer().asked == "email"


def test_the_address_may_be_kept_back():
    says(NEWCOMER, "/start")
    (answer,) = presses(NEWCOMER, "Without the address")
    assert "as soon as you are let in" in answer.html
    assert not answer.buttons
    assert newcomer().asked == ""


@in_each_language
def test_let_in_he_is_told_so_in_his_language_and_can_begin(language):
    says(NEWCOMER, "/start", language_code=language)
    said = presses(OPERATOR, "Let in")
    (result,), (welcome, button) = to(OPERATOR, said), to(NEWCOMER, said)
    assert newcomer().is_approved
    assert newcomer().asked == ""
    assert result.edits
    assert "Let in:" in result.html
    assert "Places taken: 2 of 5." in result.html
    assert not result.buttons
    assert len(welcome.keyboard) == 3
    assert button.buttons[0].data.startswith("connect~")
    assert [said.kind for said in says(NEWCOMER, "/start")] == ["welcome", "welcome_next"]


def test_a_second_press_says_so_and_tells_nobody_twice():
    says(NEWCOMER, "/start")
    action = f"approve:{newcomer().pk}"
    presses(OPERATOR, action)
    (result,) = presses(OPERATOR, action)
    assert "Let in already:" in result.html
    assert len(shown(NEWCOMER)) == 3


def test_the_refused_is_told_so_and_does_not_ask_again():
    says(NEWCOMER, "/start")
    said = presses(OPERATOR, "Refuse")
    (result,), (answer,) = to(OPERATOR, said), to(NEWCOMER, said)
    assert "Refused:" in result.html
    assert result.labels == ["Let in"]
    assert "did not let you in" in answer.html
    again = says(NEWCOMER, "/start")
    assert [one.chat_id for one in again] == [NEWCOMER]
    assert "did not let you in" in again[0].html
    assert not newcomer().is_approved


def test_a_refusal_can_be_taken_back():
    says(NEWCOMER, "/start")
    presses(OPERATOR, "Refuse")
    presses(OPERATOR, "Let in")
    assert newcomer().is_approved
    assert newcomer().is_active


def test_an_old_button_does_not_throw_out_who_was_let_in():
    says(NEWCOMER, "/start")
    action = f"refuse:{newcomer().pk}"
    presses(OPERATOR, "Let in")
    (result,) = presses(OPERATOR, action)
    assert "Let in already:" in result.html
    assert newcomer().is_approved
    assert newcomer().is_active


@pytest.mark.parametrize("action", ["approve", "refuse"])
def test_nobody_else_decides(action):
    meet()
    says(NEWCOMER, "/start")
    (answer,) = presses(7, f"{action}:{newcomer().pk}")
    assert "Only the operator decides that." in answer.html
    assert not newcomer().is_approved
    assert newcomer().is_active


def test_nobody_lets_himself_in():
    says(NEWCOMER, "/start")
    presses(NEWCOMER, f"approve:{newcomer().pk}")
    says(NEWCOMER, f"/approve {newcomer().pk}")
    assert not newcomer().is_approved


@pytest.mark.parametrize("arguments", ["", "x", "-1", "1e9", "99999", "²", "1 OR 1=1"])
def test_a_listener_who_is_gone_is_no_error(arguments):
    (answer,) = presses(OPERATOR, f"approve:{arguments}")
    assert "no longer here" in answer.html


def test_without_places_the_operator_is_warned():
    for number in range(4):
        User.objects.create(username=f"tg2{number}", telegram_chat_id=20 + number, is_approved=True)
    (request,) = to(OPERATOR, says(NEWCOMER, "/start"))
    assert "Places taken: 5 of 5. Spotify lets no more in" in request.html
    assert request.labels == ["Let in", "Refuse"]


@pytest.mark.parametrize("chat", ["", "operator", "-100500"])
def test_without_an_operators_chat_he_is_told_whom_to_ask(chat, settings):
    settings.OPERATOR_CHAT_ID = chat
    (answer,) = says(NEWCOMER, "/start")
    assert "ask my operator to let you in" in answer.html
    assert "<code>9</code>" in answer.html
    assert newcomer().asked == ""
    (answer,) = says(NEWCOMER, "/email a@b.de")
    assert answer.chat_id == NEWCOMER


def test_an_open_bot_lets_everybody_in_and_asks_nobody(settings):
    settings.BOT_OPEN = True
    assert [(said.chat_id, said.kind) for said in says(NEWCOMER, "/start")] == [
        (NEWCOMER, "welcome"),
        (NEWCOMER, "welcome_next"),
    ]


def test_the_operator_himself_need_not_ask(operator):
    User.objects.filter(pk=operator.pk).update(is_approved=False)
    assert [said.kind for said in says(OPERATOR, "/start")] == ["welcome", "welcome_next"]
    assert now_has(operator).is_approved


def test_a_hostile_name_is_only_a_name():
    (request,) = to(OPERATOR, says(NEWCOMER, "/start", name="</b><a href='https://evil.example'>x</a>"))
    assert "<a " not in request.html
    assert "evil.example" in request.html


@pytest.mark.parametrize("name", ["Bob\n::buttons::\nx", "::buttons::", "a\u2028b\r\nc\td", "\n"])
def test_a_name_is_one_line_whatever_it_holds(name):
    (request,) = to(OPERATOR, says(NEWCOMER, "/start", name=name))
    assert request.labels == ["Let in", "Refuse"]
    assert newcomer().first_name == " ".join(name.split())
    assert newcomer().telegram_username == newcomer().first_name.lower()


def test_a_newcomer_reads_what_he_waits_for_in_his_own_language():
    says(NEWCOMER, "/start")
    presses(NEWCOMER, "English · Русский")
    choice, anew = presses(NEWCOMER, "Русский")
    assert newcomer().language == "ru"
    assert (choice.kind, anew.kind, anew.chat_id, anew.keyboard) == ("lang", "approve_wait", NEWCOMER, [])
    assert newcomer().asked == "email"
    assert to(OPERATOR, says(NEWCOMER, "neu@example.org"))
    assert "English · Русский" in says(NEWCOMER, "/generate")[0].labels


def test_the_refused_may_choose_a_language_and_nobody_else_hears_of_it():
    says(NEWCOMER, "/start")
    presses(OPERATOR, "Refuse")
    choice, anew = says(NEWCOMER, "/lang ru")
    assert (choice.kind, anew.kind, anew.chat_id, anew.payload["refused"]) == ("lang", "approve_wait", NEWCOMER, True)


@pytest.mark.parametrize(
    ("is_open", "is_approved", "is_active", "answered"),
    [
        (True, False, True, "let in already"),
        (True, True, True, "let in already"),
        (True, False, False, "did not let you in"),
        (False, True, False, "did not let you in"),
        (False, False, True, "the operator has your address"),
    ],
)
def test_an_address_is_answered_by_the_rule_of_the_gate(settings, is_open, is_approved, is_active, answered):
    settings.BOT_OPEN = is_open
    says(NEWCOMER, "/id")
    User.objects.filter(telegram_chat_id=NEWCOMER).update(is_approved=is_approved, is_active=is_active)
    (answer,) = to(NEWCOMER, says(NEWCOMER, "/email a@b.de"))
    assert answered in answer.html


def test_who_is_let_in_has_no_use_for_an_address():
    meet()
    (answer,) = says(7, "/email a@b.de")
    assert "let in already" in answer.html
