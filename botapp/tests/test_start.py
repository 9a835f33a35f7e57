"""/start: welcome, and the end of linking."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import SpotifyAccount, User
from accounts.spotify_auth import hashed
from accounts.tests.spotify import linked_account
from botapp.intake import Intake
from botapp.tests.at_home import in_each_language, meet, now_has, wrong
from botapp.tests.listener import delivers, press, presses, says
from botapp.tests.playlist import liked
from playlists.models import PlaylistRun
from recommendations import feedback

pytestmark = pytest.mark.django_db


def waiting(user, nonce="the-nonce", **fields):
    """A consent that waits for this chat's word."""
    now = timezone.now()
    fields = {"pending": True, "confirm_hash": hashed(nonce), "authorized_at": now, "expires_at": now, **fields}
    return linked_account(user, display_name="Alice", **fields)


@in_each_language
def test_a_newcomer_is_two_presses_away_from_his_first_playlist(language):
    meet(language=language)
    greeting, button = says(7, "/start")
    assert len(greeting.keyboard) == 3
    assert not greeting.buttons
    assert [cell.data.split("~")[0] for cell in button.buttons] == ["connect"]
    assert not button.keyboard


def test_the_first_press_leads_to_the_link_and_the_confirmation_to_the_playlist(settings):
    settings.PUBLIC_URL = "https://vibe.example.org"
    user = meet()
    says(7, "/start")
    (link,) = presses(7, "Connect Spotify")
    assert link.buttons[0].url.startswith("https://vibe.example.org/auth/spotify/start?token=")
    waiting(user)
    (done,) = says(7, "/start fin_the-nonce")
    assert "Spotify is connected as Alice." in done.html
    assert done.labels == ["Make my first playlist"]
    assert done.buttons[0].data.startswith("generate~")


def test_who_is_linked_is_welcomed_back_and_asked_for_the_next_playlist():
    linked_account(meet(), display_name="Alice <b>")
    greeting, button = says(7, "/start")
    assert "Welcome back." in greeting.html
    assert "Alice &lt;b&gt;" in greeting.html
    assert button.labels == ["New playlist"]


def test_whose_consent_has_ended_is_asked_for_it_again():
    linked_account(meet(), needs_reconnect=True)
    greeting, button = says(7, "/start")
    assert "Welcome back." in greeting.html
    assert "is connected" not in greeting.html
    assert "Spotify must be connected again." in button.html
    assert button.labels == ["Connect Spotify"]


def test_who_had_blocked_the_bot_is_welcomed_back():
    user = meet(is_bot_blocked=True)
    linked_account(user)
    assert "Welcome back." in says(7, "/start")[0].html
    assert not now_has(user).is_bot_blocked


@wrong
def test_other_words_behind_it_are_a_plain_start(words):
    meet()
    assert [said.kind for said in says(7, f"/start {words}")] == ["welcome", "welcome_next"]


def test_the_nonce_links_the_account_that_waits_for_it():
    user = meet()
    pending = waiting(user)
    says(7, "/start fin_the-nonce")
    assert user.spotify == pending
    assert SpotifyAccount.objects.get().confirm_hash == ""


def test_the_same_consent_renewed_is_no_first_time():
    user = meet()
    old = linked_account(user, needs_reconnect=True)
    waiting(user)
    (done,) = says(7, "/start fin_the-nonce")
    assert user.spotify == old
    assert "All goes on as before." in done.html
    assert done.labels == ["New playlist"]


@pytest.fixture
def other():
    """Alice's consent waits where another account is linked, which has a like and a word of hers."""
    user = meet()
    old = linked_account(user, account_id="old", display_name="Old <b>")
    liked(user, "Band", "Song")
    feedback.block(old, "Nobody", timezone.now())
    waiting(user)
    return user


@in_each_language
def test_another_account_in_its_place_is_asked_about_first(other, language):
    User.objects.update(language=language)
    (question,) = says(7, "/start fin_the-nonce")
    assert question.kind == "relink"
    assert "Old &lt;b&gt;" in question.html
    assert [cell.data.partition(":")[2].partition(":")[0] for cell in question.buttons] == ["keep", "clear", "leave"]
    assert other.spotify.account_id == "old"


@pytest.mark.parametrize(
    ("press", "words", "left"),
    [
        ("Keep what you know", "your taste are kept", ("alice-account", 1, 0)),
        ("Clear it", "What I knew of your other account is deleted.", ("alice-account", 0, 0)),
        ("Stay with Old <b>", "Spotify is connected as Old &lt;b&gt;", ("old", 1, 1)),
    ],
)
def test_each_of_the_three_answers_is_carried_out_once(other, press, words, left):
    (question,) = says(7, "/start fin_the-nonce")
    (done,) = presses(7, press)
    assert done.edits == question.message_id
    assert words in done.html
    account = SpotifyAccount.objects.get()
    assert (account.account_id, account.feedback.count(), account.saved_tracks.count()) == left
    assert delivers(callback_query=press_of(question, press)) == []
    assert SpotifyAccount.objects.get() == account


def press_of(question, label):
    (data,) = [cell.data for cell in question.buttons if cell.text == label]
    return press(7, data, question.message_id)


def test_an_old_questions_button_confirms_no_newer_consent(other):
    """Else a stranger could confirm, in his own chat, the consent of somebody whom he sent his link."""
    (question,) = says(7, "/start fin_the-nonce")
    SpotifyAccount.objects.filter(pending=True).update(confirm_hash=hashed("another-nonce"), account_id="victims")
    assert delivers(callback_query=press_of(question, "Clear it")) == []
    assert other.spotify.account_id == "old"


def test_a_second_tap_leaves_what_the_first_one_said_and_is_told_for_a_moment(other):
    (question,) = says(7, "/start fin_the-nonce")
    tap = press_of(question, "Clear it")
    assert [said.kind for said in delivers(callback_query=tap)] == ["linked"]
    update = {"update_id": 10**9, "callback_query": tap | {"id": "second"}}
    delivery = Intake("daily_vibe_bot").handle(update, timezone.now())
    assert delivery is not None
    assert (delivery.keys, delivery.toast) == ([], "This button is no longer valid.")


def test_a_question_answered_too_late_changes_nothing(other):
    (question,) = says(7, "/start fin_the-nonce")
    later = timezone.now() + timedelta(hours=1)
    (said,) = delivers(callback_query=press_of(question, "Clear it"), now=later)
    assert "has come too late" in said.html
    assert SpotifyAccount.objects.get().account_id == "old"


@wrong
def test_a_wrong_nonce_links_nothing(words):
    user = meet()
    waiting(user)
    (screen,) = says(7, f"/start fin_{words}")
    assert "This confirmation is not valid." in screen.html
    assert screen.labels == ["Connect Spotify"]
    assert user.spotify is None
    assert SpotifyAccount.objects.get().pending


@pytest.mark.parametrize("is_let_in", [True, False])
@in_each_language
def test_a_strangers_nonce_drops_what_he_began_and_both_are_told(language, is_let_in):
    bob = User.objects.create(username="tg8", telegram_chat_id=8, is_approved=True, language=language)
    waiting(bob)
    meet(is_approved=is_let_in, language=language)
    mine, his = says(7, "/start fin_the-nonce")
    assert (mine.chat_id, mine.kind) == (7, "connect_stranger")
    assert "spotify.com/account/apps" in mine.html
    assert (his.chat_id, his.kind) == (8, "connect_dropped")
    assert "Alice" not in mine.html + his.html
    assert not SpotifyAccount.objects.exists()
    (screen,) = says(8, "/start fin_the-nonce")
    assert screen.kind == "connect_refused"


def test_a_nonce_works_once():
    user = meet()
    waiting(user)
    says(7, "/start fin_the-nonce")
    (screen,) = says(7, "/start fin_the-nonce")
    assert screen.kind == "connect_refused"
    assert "Spotify is connected as Alice." in screen.html
    assert not screen.buttons
    assert user.spotify is not None


def test_a_consent_confirmed_too_late_is_let_go():
    user = meet()
    waiting(user, authorized_at=timezone.now() - timedelta(hours=1))
    (screen,) = says(7, "/start fin_the-nonce")
    assert "has come too late" in screen.html
    assert screen.labels == ["Connect Spotify"]
    assert not SpotifyAccount.objects.exists()


def test_an_account_that_somebody_else_got_meanwhile_is_refused():
    user = meet()
    waiting(user)
    linked_account(User.objects.create(username="bob"), display_name="Bob's")
    (screen,) = says(7, "/start fin_the-nonce")
    assert "connected to somebody else here" in screen.html
    assert "Bob" not in screen.html
    assert user.spotify is None


def test_who_was_not_let_in_links_nothing():
    user = meet(is_approved=False)
    waiting(user)
    assert {said.kind for said in says(7, "/start fin_the-nonce")} == {"approve_wait"}
    assert user.spotify is None


def test_who_asked_for_a_playlist_before_is_no_newcomer():
    user = meet()
    day = timezone.now().date()
    PlaylistRun.objects.create(
        user=user, trigger="bot", day=day, size_asked=30, min_new_ratio=0.8, created_at=timezone.now(), status="failed"
    )
    waiting(user)
    (done,) = says(7, "/start fin_the-nonce")
    assert done.labels == ["New playlist"]
