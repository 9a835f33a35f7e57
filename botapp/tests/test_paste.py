"""The address that a listener pastes from his phone."""

from __future__ import annotations

import logging
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from django.utils import timezone
from django_q.models import OrmQ

from accounts.models import OAuthState, Outbox, SpotifyAccount, User
from accounts.tests.spotify import ME_URL, TOKEN_URL, answer_me, answer_token, linked_account, token_calls
from botapp.tests.at_home import in_each_language, meet, wrong
from botapp.tests.listener import Said, presses, says, shown
from playlists import linking
from recommendations import feedback

pytestmark = pytest.mark.django_db
REDIRECT = "http://127.0.0.1:8000/auth/spotify/callback"


def state(chat: int = 7) -> str:
    """Of the link for a phone that a /connect shows."""
    (screen,) = says(chat, "/connect again")
    return parse_qs(urlsplit(screen.buttons[0].url).query)["state"][0]


def work() -> Said:
    """Carries out what the queue holds and answers the last that was said."""
    for row in OrmQ.objects.order_by("pk"):
        assert row.task["func"] == "playlists.linking.link"
        linking.link(*row.task["args"])
    OrmQ.objects.all().delete()
    return shown(7)[-1]


def kinds(*said: Said) -> list[str]:
    return [one.payload.get("code") or one.kind for one in said]


@in_each_language
@responses.activate
def test_the_pasted_address_links_at_once_and_offers_the_first_playlist(language):
    answer_token()
    answer_me()
    user = meet(language=language)
    (said,) = says(7, f"{REDIRECT}?code=good-code&state={state()}")
    assert said.kind == "linking"
    assert user.spotify is None
    assert not token_calls()
    done = work()
    assert done.kind == "linked"
    assert done.buttons[0].data.startswith("generate~")
    assert str(user.spotify) == "Alice"
    assert parse_qs(token_calls()[0])["redirect_uri"] == [REDIRECT]


@responses.activate
def test_once_linked_the_other_link_of_the_same_message_is_of_no_use_any_more():
    answer_token()
    answer_me()
    meet()
    says(7, f"{REDIRECT}?code=good-code&state={state()}")
    assert work().kind == "linked"
    assert not OAuthState.objects.filter(used_at=None).exists()


@pytest.mark.parametrize(
    "words",
    [
        "  {address}\n",
        "Safari\n{address}\nSent from my phone",
        "here you are: «{address}».",
        "({bare})",
        "{bare}#_=_",
        "https://{bare}",
        "/start {address}",
    ],
)
def test_it_is_found_in_whatever_words_a_phone_shares_it(words):
    meet()
    bare = f"127.0.0.1:8000/auth/spotify/callback?code=good-code&state={state()}"
    (said,) = says(7, words.format(bare=bare, address=f"http://{bare}"))
    assert said.kind == "linking"


def test_it_goes_before_what_was_awaited():
    user = meet(asked="block")
    (said,) = says(7, f"{REDIRECT}?code=c&state={state()}")
    user.refresh_from_db()
    assert (said.kind, user.asked) == ("linking", "")


@responses.activate
def test_neither_queue_nor_outbox_nor_log_holds_the_code_or_the_state(caplog):
    FAILURES["unavailable"]()
    meet()
    secret = state()
    assert secret in str(Outbox.objects.get().payload)
    assert secret not in str(Outbox.objects.get().lasting)
    with caplog.at_level(logging.DEBUG):
        says(7, f"{REDIRECT}?code=canary-code&state={secret}")
        assert "canary" not in str(OrmQ.objects.get().task)
        work()
    Outbox.objects.filter(kind="connect").delete()
    kept = str(list(Outbox.objects.values())) + str(list(OAuthState.objects.values())) + caplog.text
    assert "canary" not in kept
    assert secret not in kept


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "incomplete"),
        ("?", "incomplete"),
        ("?code=c", "incomplete"),
        ("?state={state}", "incomplete"),
        ("?code=c&state=cut-short", "unknown"),
        ("?" + "a=1&" * 30, "incomplete"),
        ("?code=c&state={state}x", "unknown"),
        ("?error=access_denied&state={state}", "denied"),
        ("?error=server_error&state={state}", "refused"),
    ],
)
@in_each_language
def test_an_address_that_will_not_do_is_told_what_is_wrong_with_it(query, code, language):
    meet(language=language)
    (said,) = says(7, REDIRECT + query.format(state=state()))
    assert kinds(said) == [code]
    assert not OrmQ.objects.exists()


def test_an_address_that_was_cut_short_may_be_sent_again():
    meet()
    whole = f"{REDIRECT}?state={state()}&code=c"
    assert kinds(*says(7, whole.partition("&code")[0])) == ["incomplete"]
    assert kinds(*says(7, whole)) == ["linking"]


@pytest.mark.parametrize(
    "words", ["https://example.org/?code=c&state=s", "https://accounts.spotify.com/en/login", "http://[::1"]
)
def test_another_address_is_not_the_one_while_one_is_awaited(words):
    meet()
    state()
    (said,) = says(7, words)
    assert kinds(said) == ["elsewhere"]
    assert REDIRECT in said.html


def test_the_link_for_the_computer_is_not_the_address_either():
    meet()
    (screen,) = says(7, "/connect")
    (said,) = says(7, screen.payload["link"])
    assert kinds(said) == ["elsewhere"]
    assert not OAuthState.objects.exclude(used_at=None).exists()


def test_other_addresses_are_nothing_special_where_none_is_awaited():
    meet()
    assert kinds(*says(7, "https://example.org/")) == ["unknown"]
    assert says(7, "https://example.org/")[0].kind == "unknown"


@wrong
def test_nothing_behind_it_breaks_it(words):
    meet()
    assert len(says(7, f"{REDIRECT}?code={words}&state={words}")) == 1


def test_it_works_once_and_for_ten_minutes_and_only_the_newest():
    meet()
    old, new = state(), state()
    assert kinds(*says(7, f"{REDIRECT}?code=c&state={old}")) == ["unknown"]
    late = timezone.now() + timedelta(minutes=10)
    assert kinds(*says(7, f"{REDIRECT}?code=c&state={new}", now=late)) == ["expired"]
    assert kinds(*says(7, f"{REDIRECT}?code=c&state={new}")) == ["linking"]
    assert kinds(*says(7, f"{REDIRECT}?code=c&state={new}", now=late)) == ["expired"]
    assert OrmQ.objects.count() == 1


@in_each_language
@responses.activate
def test_the_address_sent_twice_is_told_what_became_of_the_first(language):
    answer_token()
    answer_me()
    meet(language=language)
    address = f"{REDIRECT}?code=c&state={state()}"
    first, second = (says(7, address)[0] for _ in range(2))
    assert (first.kind, second.kind, first.html == second.html) == ("linking", "linking", False)
    assert work().kind == "linking"  # the second one; the first became the result
    (third,) = says(7, address)
    assert (third.kind, "Alice" in third.html, len(token_calls())) == ("connect", True, 1)


@responses.activate
def test_an_address_sent_again_after_its_sign_in_failed_needs_a_new_link():
    FAILURES["unavailable"]()
    meet()
    address = f"{REDIRECT}?code=c&state={state()}"
    says(7, address)
    assert kinds(work()) == ["unavailable"]
    assert kinds(*says(7, address)) == ["expired"]


@pytest.mark.parametrize("is_let_in", [True, False])
def test_what_another_chat_began_is_dropped_and_both_are_told(is_let_in):
    """Whether Mallory got Alice to agree, or wants her to have his account: neither comes to anything."""
    User.objects.create(username="tg8", telegram_chat_id=8, is_approved=True)
    meet(is_approved=is_let_in)
    theirs = state(8)
    mine, his = says(7, f"{REDIRECT}?code=c&state={theirs}")
    assert (mine.chat_id, mine.kind, his.chat_id, his.kind) == (7, "connect_stranger", 8, "connect_dropped")
    assert not OrmQ.objects.exists()
    assert kinds(*says(8, f"{REDIRECT}?code=c&state={theirs}")) == ["unknown"]


def test_who_was_not_let_in_waits():
    user = meet()
    address = f"{REDIRECT}?code=c&state={state()}"
    User.objects.filter(pk=user.pk).update(is_approved=False)
    assert kinds(*says(7, address)) == ["waiting"]
    assert not OrmQ.objects.exists()


def test_a_browsers_token_is_no_phones_state():
    meet()
    (screen,) = says(7, "/connect")
    token = screen.payload["link"].partition("token=")[2]
    assert kinds(*says(7, f"{REDIRECT}?code=c&state={token}")) == ["unknown"]


FAILURES = {
    "expired": lambda: responses.post(TOKEN_URL, json={"error": "invalid_grant"}, status=400),
    "client": lambda: responses.post(TOKEN_URL, json={"error": "invalid_client"}, status=400),
    "rate_limited": lambda: responses.post(TOKEN_URL, status=429, headers={"Retry-After": "600"}),
    "unavailable": lambda: responses.post(TOKEN_URL, body="<html>", status=502),
    "scopes": lambda: answer_token(scope="user-library-read"),
    "not_registered": lambda: me_refused("The user is not registered for this application."),
    "premium": lambda: me_refused("Active premium subscription required for the owner of the app."),
}


def me_refused(message: str) -> None:
    answer_token()
    responses.get(ME_URL, json={"error": {"status": 403, "message": message}}, status=403)


@pytest.mark.parametrize("code", FAILURES)
@in_each_language
@responses.activate
def test_each_refusal_of_spotifys_is_told_in_the_chat_with_what_to_do(code, language):
    FAILURES[code]()
    meet(language=language)
    says(7, f"{REDIRECT}?code=c&state={state()}")
    said = work()
    assert kinds(said) == [code]
    assert [cell.data.partition("~")[0] for cell in said.buttons] == ["connect:again"]
    assert not SpotifyAccount.objects.exists()


@responses.activate
def test_an_account_of_another_user_is_refused_and_he_hears_of_it():
    answer_token()
    answer_me()
    linked_account(User.objects.create(username="tg8", telegram_chat_id=8))
    meet()
    says(7, f"{REDIRECT}?code=c&state={state()}")
    assert kinds(work()) == ["taken"]
    assert [said.kind for said in shown(8)] == ["connect_tried"]


@responses.activate
def test_where_another_account_is_linked_it_asks_first():
    answer_token()
    answer_me()
    user = meet()
    old = linked_account(user, account_id="old", display_name="Old")
    feedback.block(old, "Nobody", timezone.now())
    says(7, f"{REDIRECT}?code=c&state={state()}")
    assert work().kind == "relink"
    assert user.spotify == old
    (done,) = presses(7, "Keep what you know")
    assert done.kind == "linked"
    account = SpotifyAccount.objects.get()
    assert (account.account_id, account.feedback.count()) == ("alice-account", 1)


@responses.activate
def test_a_task_that_comes_again_calls_and_says_nothing_twice():
    answer_token()
    answer_me()
    meet()
    says(7, f"{REDIRECT}?code=c&state={state()}")
    arguments = OrmQ.objects.get().task["args"]
    work()
    before = len(shown(7))
    linking.link(*arguments)
    assert (len(token_calls()), len(shown(7))) == (1, before)


@responses.activate
def test_who_has_himself_forgotten_meanwhile_is_not_linked():
    user = meet()
    says(7, f"{REDIRECT}?code=c&state={state()}")
    user.delete()
    (row,) = OrmQ.objects.all()
    linking.link(*row.task["args"])
    assert not token_calls()
    assert not SpotifyAccount.objects.exists()
