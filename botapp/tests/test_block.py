"""Artists he never wants to hear again."""

from __future__ import annotations

import pytest

from botapp.tests.listener import presses, says
from botapp.tests.playlist import HOSTILE, ODD, liked, listener, made, stranger
from recommendations.models import UNNAMED, Feedback


@pytest.fixture
def user(alice):
    return listener(alice)


def blocked(user) -> list[tuple[str, str]]:
    return list(user.spotify.feedback.filter(kind="block_artist").values_list("artist_key", "name"))


def test_an_artist_nobody_knows_is_blocked_by_name(user):
    (said,) = says(7, "/block  The   Nobodies ")
    assert "Blocked: The Nobodies" in said.html
    assert blocked(user) == [("nobodies", "The Nobodies")]
    presses(7, "Undo")
    assert blocked(user) == []


def test_the_name_may_follow_the_command(user):
    (asked,) = says(7, "/block")
    assert asked.kind == "block_ask"
    says(7, "Nobody")
    assert blocked(user) == [("nobody", "Nobody")]


@pytest.mark.parametrize("written", ["сплин", "СПЛИН", "Splean", "  Сплин  "])
def test_he_is_named_as_the_listener_sees_him_and_asked_about_where_he_is_liked(user, written):
    liked(user, "Сплин", "Выхода нет")
    liked(user, "Сплин", "Орбит без сахара")
    (sure,) = says(7, f"/block {written}")
    assert ("Block Сплин?" in sure.html, "2 tracks" in sure.html) == (True, True)
    assert blocked(user) == []
    (done,) = presses(7, "Yes, block")
    assert (done.edits, "Blocked: Сплин" in done.html) == (sure.message_id, True)
    assert blocked(user) == [("сплин", "Сплин")]


def test_latin_letters_find_the_russian_name_unless_both_are_there(user):
    liked(user, "Кино", "Кукушка")
    assert "Block Кино?" in says(7, "/block Kino")[0].html
    liked(user, "Kino", "Room In My Head")
    assert "Block Kino?" in says(7, "/block Kino")[0].html
    assert "Block Кино?" in says(7, "/block Кино")[0].html


def forget_names(user) -> None:
    """What the time limit of kept names does to old likes."""
    user.spotify.saved_tracks.update(name="", artists=UNNAMED)


def test_an_artist_of_old_likes_whose_names_are_no_longer_kept_is_still_found(user):
    liked(user, "Кино", "Кукушка")
    forget_names(user)
    (sure,) = says(7, "/block Kino")
    assert "Block кино?" in sure.html
    presses(7, "Yes, block")
    assert blocked(user) == [("кино", "кино")]


def test_one_like_with_its_name_is_enough_to_spell_him(user):
    liked(user, "Сплин", "Выхода нет")
    forget_names(user)
    liked(user, "Сплин", "Орбит без сахара")
    (sure,) = says(7, "/block сплин")
    assert ("Block Сплин?" in sure.html, "2 tracks" in sure.html) == (True, True)
    presses(7, "Yes, block")
    assert blocked(user) == [("сплин", "Сплин")]


def test_no_leaves_everything_as_it_was(user):
    liked(user, "Сплин", "Выхода нет")
    says(7, "/block Сплин")
    (said,) = presses(7, "No")
    assert said.kind == "nothing_changed"
    assert blocked(user) == []


def test_from_a_track_its_artist_is_blocked_once_confirmed(user):
    run = made(user, [("Band, Guest", "Song")])
    liked(user, "Band", "Other")
    says(7, "/why 1")
    (sure,) = presses(7, "Block Band")
    assert (sure.kind, blocked(user)) == ("block_sure", [])
    assert presses(7, "No")[0].kind == "track"
    presses(7, f"block_of:{run.pk}:1")
    (done,) = presses(7, "Yes, block")
    assert blocked(user) == [("band", "Band")]
    assert presses(7, "Undo")[0].kind == "track"
    assert blocked(user) == []
    assert done.edits


def test_blocking_twice_says_so(user):
    says(7, "/block Nobody")
    (said,) = says(7, "/block nobody")
    assert "Blocked already: Nobody" in said.html
    assert len(blocked(user)) == 1


def test_another_listeners_like_confirms_nothing(user):
    bob = stranger()
    theirs = user.spotify.__class__.objects.create(
        user=bob, account_id="acc-bob", spotify_user_id="bob", expires_at=user.date_joined,
        authorized_at=user.date_joined, pending=False,
    )  # fmt: skip
    row = liked(bob, "Secret", "Song")
    (said,) = presses(7, f"block_liked:{row.pk}")
    assert said.kind == "taste_gone"
    assert not Feedback.objects.exists()
    assert theirs.saved_tracks.count() == 1


@pytest.mark.parametrize("odd", ODD)
def test_any_name_is_blocked_as_it_is_or_asked_for_again(user, odd):
    (said,) = says(7, f"/block {odd}")
    assert said.kind in {"block_ask", "block_done"}
    assert HOSTILE not in said.html
    assert all(len(name) <= 200 for _key, name in blocked(user))


def test_a_name_that_is_too_long_is_no_name(user):
    (said,) = says(7, "/block " + "x" * 300)
    assert (said.kind, "too long" in said.html, blocked(user)) == ("block_ask", True, [])


def test_it_can_be_said_in_russian(user):
    listener(user, language="ru")
    liked(user, "Сплин", "Выхода нет")
    for text in ("/block", "/block Сплин", "/block Кто-то"):
        assert says(7, text)[0].html
