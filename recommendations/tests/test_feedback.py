"""A word is kept and obeyed: what was rejected stays away for good, what was asked more of is a seed."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from recommendations import feedback
from recommendations.candidates import Given, Listening
from recommendations.identity import artist_key, credited, match_key, song
from recommendations.listening import read
from recommendations.models import Feedback, RecommendationHistory
from recommendations.profile import build_profile
from recommendations.selection import select
from recommendations.tests.builders import NOW, make_heard, make_ranked, make_track

DAYS = 30


def say(account, kind: str, artist: str, title: str, **changes) -> Feedback:
    told = {"track_id": f"id of {title}", "key": match_key(artist, title), "artist": artist, "title": title}
    return feedback.say(account, kind, **{**told, "now": NOW, **changes})


def kinds(account) -> set[str]:
    return set(account.feedback.values_list("kind", flat=True))


def month(ranked, listening: Listening, **how) -> list[str]:
    """The keys given on thirty days in a row, where nothing is so scarce that every rule but the two gives way."""
    given: list[str] = []
    for day in range(DAYS):
        now = NOW + timedelta(days=day)
        chosen = select(ranked, listening=listening, size=5, min_new_ratio=0.0, cooldown_days=60, now=now, **how).picks
        given += [pick.candidate.key for pick in chosen]
        history = tuple(Given(pick.track.id if pick.track else "", pick.candidate.key, "", now) for pick in chosen)
        listening = Listening(
            listening.likes, history=(*history, *listening.history), disliked=listening.disliked,
            blocked=listening.blocked,
        )  # fmt: skip
    return given


def few(*more):
    return [*(make_ranked(f"New {n}", "Song", 0.1) for n in range(6)), *more]


@pytest.mark.parametrize(
    "title", ["Song", "Song (Live)", "Song - Some DJ Remix", "Song (feat. Guest)", "Song - 2011 Remaster"]
)
def test_no_recording_of_a_disliked_song_comes_in_a_month(title):
    listening = Listening(disliked=frozenset({match_key("Band", "Song")}))
    given = month(few(make_ranked("Band", title, 1.0), make_ranked("Band", "Other", 1.0)), listening)
    assert match_key("Band", title) not in given
    assert match_key("Band", "Other") in given


def test_who_dislikes_a_remix_may_get_the_song():
    listening = Listening(disliked=frozenset({match_key("Band", "Song - DJ Remix")}))
    given = month(few(make_ranked("Band", "Song", 1.0), make_ranked("Band", "Song - DJ Remix", 1.0)), listening)
    assert match_key("Band", "Song") in given
    assert match_key("Band", "Song - DJ Remix") not in given


def test_a_disliked_track_does_not_come_back_under_another_name():
    listening = Listening(disliked=frozenset({"id-1"}))
    track = make_track("Группа", "Песня", id="id-1")
    given = month(few(make_ranked("Gruppa", "Pesnya", 1.0, track=track)), listening)
    assert match_key("Gruppa", "Pesnya") not in given


@pytest.mark.parametrize(
    ("artist", "title", "track"),
    [
        ("Blocked", "Song", None),
        ("The Blocked", "Song", None),
        ("Band", "Song (feat. Blocked)", None),
        ("Band", "Song (ft. Someone & BLOCKED)", None),
        ("Band feat. Blocked", "Song", None),
        ("Band", "Song", make_track("Band|Blocked", "Song")),
        ("Band", "Song", make_track("Band", "Song (feat. Someone, Blocked) - Remix")),
    ],
)
def test_a_blocked_artist_does_not_come_in_a_month_not_even_as_a_guest(artist, title, track):
    listening = Listening(blocked=frozenset({"blocked"}))
    given = month(few(make_ranked(artist, title, 1.0, track=track), make_ranked("Band", "Alone", 1.0)), listening)
    assert match_key(artist, title) not in given
    assert match_key("Band", "Alone") in given


def test_a_like_with_a_blocked_guest_fills_no_gap_and_is_no_seed():
    like = make_heard("Band", "Song", guests=("Blocked",))
    listening = Listening(likes=(like,), blocked=frozenset({"blocked"}))
    assert like.key not in month([], listening, resolved={}, familiar=[like])
    assert not build_profile(listening, (), {}, NOW.date(), random.Random(1)).seeds
    assert month([], Listening(likes=(like,)), resolved={}, familiar=[like]) == [like.key] * DAYS


def test_a_track_that_is_neither_like_nor_play_becomes_a_seed_when_more_is_asked(alice):
    likes = tuple(make_heard(f"Liked {n}", f"Like {n}", n) for n in range(100))
    before = build_profile(Listening(likes=likes), (), {}, NOW.date(), random.Random(1))
    say(alice.spotify, "more", "Simon - Garfunkel", "Song - Part 2")
    listening = read(alice.spotify, NOW, 30)
    told = Listening(likes=likes, asked=listening.asked, liked_more=listening.liked_more)
    after = build_profile(told, (), {}, NOW.date(), random.Random(1))
    (new,) = {seed.key for seed in after.seeds} - {seed.key for seed in before.seeds}
    seed = next(seed for seed in after.seeds if seed.key == new)
    assert (seed.artist, seed.name, seed.id) == ("Simon - Garfunkel", "Song - Part 2", "id of Song - Part 2")


def test_a_disliked_track_is_known_by_all_that_its_history_tells(alice):
    account = alice.spotify
    RecommendationHistory.objects.create(
        account=account, spotify_track_id="id of Song", isrc="ISRC", match_key="as last.fm | writesit",
        first_recommended_at=NOW, last_recommended_at=NOW,
    )  # fmt: skip
    say(account, "dislike", "Band", "Song")
    marks = {"id of Song", "ISRC", "as last.fm | writesit", match_key("Band", "Song")}
    assert read(account, NOW, 30).disliked == marks


def test_opposite_words_take_each_others_place(alice):
    account = alice.spotify
    for kind in ("like", "more", "like"):
        say(account, kind, "Band", "Song")
    say(account, "dislike", "Band", "Other")
    assert sorted(account.feedback.values_list("kind", flat=True)) == ["dislike", "like", "more"]
    say(account, "dislike", "Band", "Song")
    assert kinds(account) == {"dislike"}
    say(account, "more", "Band", "Song")
    say(account, "more", "Band", "Other")
    assert kinds(account) == {"more"}


def test_an_artist_is_blocked_once_however_he_is_spelled(alice):
    first, is_new = feedback.block(alice.spotify, "The Beatles", NOW)
    again, is_newer = feedback.block(alice.spotify, "beatles, the", NOW)
    assert (first.pk, is_new, is_newer) == (again.pk, True, False)
    assert read(alice.spotify, NOW, 30).blocked == {"beatles"}


@pytest.mark.parametrize(
    ("key", "of_the_song"),
    [
        (match_key("Band", "Song (Live)"), match_key("Band", "Song")),
        (match_key("Band", "Song"), match_key("Band", "Song")),
        (match_key("Band", "(?)"), match_key("Band", "(?)")),
        ("7ouMYWpwJ422jRcDASZB7P", "7ouMYWpwJ422jRcDASZB7P"),
    ],
)
def test_a_version_belongs_to_its_song(key, of_the_song):
    assert song(key) == of_the_song


@pytest.mark.parametrize(
    ("title", "guests"),
    [
        ("Song", set()),
        ("Featuring", set()),
        ("Song (feat. A & B)", {"a", "b", "aandb"}),
        ("Песня (при уч. Гостя) - Ремикс", {"гостя"}),
        ("Song ft. Tyler, The Creator", {"tyler", "creator", artist_key("Tyler, The Creator")}),
        ("Lift Off", set()),
    ],
)
def test_guests_are_read_out_of_a_title(title, guests):
    assert set(credited(title)) >= guests
    assert bool(credited(title)) == bool(guests)
