"""Like, Dislike and More like this: kept once, taken back with a button, never for somebody else's tracks."""

from __future__ import annotations

import pytest

from botapp.tests.listener import presses, says
from botapp.tests.playlist import HOSTILE, ODD, listener, made, remembered, stranger
from recommendations.models import Feedback


@pytest.fixture
def user(alice):
    return listener(alice)


def words(user) -> list[tuple[str, str]]:
    return list(user.spotify.feedback.order_by("pk").values_list("kind", "name"))


@pytest.mark.parametrize(("label", "kind"), [("Like", "like"), ("Dislike", "dislike"), ("More like this", "more")])
def test_a_button_keeps_a_word_and_undo_takes_it_back(user, label, kind):
    made(user)
    says(7, "/why 3")
    (said,) = presses(7, label)
    assert words(user) == [(kind, "Artist 3 - Song 3")]
    assert "Noted" in said.html
    assert label not in said.labels
    (undone,) = presses(7, "Undo")
    assert words(user) == []
    assert ("Taken back" in undone.html, "Undo" in undone.labels) == (True, False)


def test_a_number_pressed_where_a_number_was_asked_for_is_the_word(user):
    made(user)
    says(7, "/dislike")
    (said,) = presses(7, "4")
    assert words(user) == [("dislike", "Artist 4 - Song 4")]
    assert said.edits


def test_a_track_shows_what_was_said_of_it_before(user):
    made(user)
    says(7, "/like 3")
    (said,) = says(7, "/why 3")
    assert ("you like it" in said.html, "Undo" in said.labels, "Like" in said.labels) == (True, True, False)
    assert "Undo" not in says(7, "/why 4")[0].labels


def test_opposite_words_replace_each_other(user):
    run = made(user)
    for kind, kept in (("like", "like"), ("dislike", "dislike"), ("more", "more"), ("dislike", "dislike")):
        presses(7, f"{kind}:{run.pk}:1")
        assert [word for word, _name in words(user)] == [kept]


def test_pressing_twice_is_once(user):
    run = made(user)
    for _time in range(2):
        presses(7, f"like:{run.pk}:1")
    assert len(words(user)) == 1
    word = Feedback.objects.get().pk
    presses(7, f"unsay:{word}")
    (said,) = presses(7, f"unsay:{word}")
    assert "already" in said.html


def test_a_word_is_kept_under_the_key_the_track_was_given_under(user):
    made(user, [("Кино", "Кукушка")])
    remembered(user, "id-Кукушка", "Kino", "Kukushka")
    says(7, "/dislike 1")
    word = Feedback.objects.get()
    assert (word.match_key, word.artist_key, word.name) == ("kino | kukushka", "кино", "Кино - Кукушка")


@pytest.mark.parametrize("command", ["like", "dislike"])
def test_a_number_may_be_written_with_the_command_or_after_it(user, command):
    made(user)
    (said,) = says(7, f"/{command} 2")
    assert "Artist 2" in said.html
    (asked,) = says(7, f"/{command}")
    assert asked.kind == "why"
    says(7, "4")
    assert words(user) == [(command, "Artist 2 - Song 2"), (command, "Artist 4 - Song 4")]
    says(7, "5")
    assert len(words(user)) == 2


@pytest.mark.parametrize("odd", [odd for odd in ODD if odd != "١"])
def test_what_is_no_number_of_the_list_shows_it_and_changes_nothing(user, odd):
    made(user, 5)
    for command in ("/like", "/dislike"):
        (said,) = says(7, f"{command} {odd}")
        assert said.kind == "why"
        assert HOSTILE not in said.html
    assert words(user) == []


def test_a_number_without_a_playlist(user):
    assert says(7, "/like 1")[0].kind == "why_none"
    user.refresh_from_db()
    assert user.asked == ""


def test_another_listeners_tracks_and_words_are_out_of_reach(user):
    bob = stranger()
    run = made(bob)
    for action in ("like", "dislike", "more", "block_of"):
        (said,) = presses(7, f"{action}:{run.pk}:1")
        assert said.kind == "taste_gone"
    assert not Feedback.objects.exists()


def test_another_listeners_word_cannot_be_taken_back(user):
    run = made(user)
    presses(7, f"like:{run.pk}:1")
    bob = stranger()
    user.spotify.__class__.objects.create(
        user=bob, account_id="acc-bob", spotify_user_id="bob", expires_at=run.created_at,
        authorized_at=run.created_at, pending=False,
    )  # fmt: skip
    presses(8, f"unsay:{Feedback.objects.get().pk}")
    assert len(words(user)) == 1


def test_without_a_linked_account_nothing_is_kept_and_he_is_told(user):
    run = made(user)
    user.spotify.delete()
    for action in (f"like:{run.pk}:1", "unsay:1", f"block_of:{run.pk}:1", "block_liked:1", "taste"):
        assert presses(7, action)[0].kind == "taste_unlinked"
    for text in ("/like 1", "/dislike", "/block X", "/taste"):
        assert says(7, text)[0].kind == "taste_unlinked"


@pytest.mark.parametrize("rest", ["", "x", "1", "1:x", "9" * 30, ":::"])
def test_a_button_that_leads_nowhere_says_so(user, rest):
    made(user, 3)
    for action in ("like", "more", "block_of", "block_liked", "unsay"):
        assert presses(7, f"{action}:{rest}")[0].kind in {"taste_gone", "taste_unsaid"}
    assert not Feedback.objects.exists()


def test_names_are_escaped(user):
    made(user, [(HOSTILE, HOSTILE)])
    (said,) = says(7, "/like 1")
    assert (HOSTILE in said.html, words(user)) == (False, [("like", f"{HOSTILE} - {HOSTILE}")])
