from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

from recommendations.candidates import Heard, Listening, Pick
from recommendations.dedupe import merge
from recommendations.identity import match_key
from recommendations.profile import build_profile
from recommendations.ranking import rank
from recommendations.reasons import Acquaintance, artists, facts, reason, strongest
from recommendations.selection import select
from recommendations.tests.builders import NOW, ago, make_found, make_heard, make_profile, make_track

STRANGE = match_key("Stranger", "Song")


def test_the_reason_is_the_strongest_word():
    weak = make_found("A", "a", match=0.3)
    strong = make_found("A", "a", match=0.9, seed=match_key("Seed", "Two"), because="Seed - Two")
    (candidate,) = merge([weak, strong])
    assert reason(candidate, make_profile()) == strong


def test_a_similar_track_is_a_better_reason_than_a_similar_artist():
    artist = make_found("A", "a", relation="similar_artist", seed="x", because="X", match=1.0)
    track = make_found("A", "a", match=0.1)
    (candidate,) = merge([artist, track])
    assert reason(candidate, make_profile(known={"X": 5})) == track


def test_a_reason_names_only_what_the_listener_can_recognise():
    strange = make_found("A", "a", seed=STRANGE, because="Stranger - Song", match=1.0)
    own = make_found("A", "a", relation="deep_cut", seed="x", because="X", match=0.0)
    (candidate,) = merge([strange, own])
    assert reason(candidate, make_profile(known={"X": 1})) == own
    assert reason(candidate, make_profile()) is None


def test_the_reason_goes_from_the_ranking_into_the_list():
    words = [make_found("A", "a"), make_found("B", "b", seed=STRANGE)]
    ranked = rank(merge(words), make_profile())
    selection = select(ranked, listening=Listening(), size=2, min_new_ratio=1.0, cooldown_days=60, now=NOW)
    assert {pick.candidate.title: pick.reason for pick in selection.picks} == {"a": words[0], "b": None}


def test_a_fallback_of_the_listeners_own_likes_gives_no_reason():
    like = make_heard("A", "a")
    selection = select(
        [],
        listening=Listening(likes=(like,)),
        size=1,
        min_new_ratio=1.0,
        cooldown_days=60,
        now=NOW,
        familiar=[like],
    )
    assert [(pick.candidate.title, pick.reason) for pick in selection.picks] == [("a", None)]


LIKE, PLAY, ECHO = make_heard("Liked", "Song", 800), make_heard("Played", "Song", 2), make_heard("Echo", "Song", 2)
OURS = replace(ECHO, context="spotify:playlist:ours")
ASKED = make_heard("Asked", "Song", 5)


def acquaintance(*, likes=(LIKE,), plays=(PLAY,), **listening) -> Acquaintance:
    told = Listening(likes=tuple(likes), plays=tuple(plays), **listening)
    profile = build_profile(told, {"ours"}, {}, NOW.date(), random.Random(1))
    return Acquaintance.of(profile, told, {"ours"}, NOW)


def told(*found, listener: Acquaintance | None = None, is_new: bool = True, track=None) -> dict[str, Any]:
    listener = listener or acquaintance()
    (candidate,) = merge(found)
    pick = Pick(candidate, track, 1.0, is_new, strongest(candidate.found, listener.known))
    return facts(pick, listener)


def leads(seed: Heard, **fields):
    return make_found("New", "Track", seed=seed.key, because=f"{seed.artist} - {seed.name}", **fields)


def test_it_tells_how_often_the_seed_was_played_within_the_last_week():
    plays = [replace(PLAY, at=ago(days)) for days in (0.1, 3, 6.9, 7.1, 20)]
    assert told(leads(PLAY), listener=acquaintance(plays=plays)) == {
        "relation": "similar_track",
        "because": "Played - Song",
        "source": "lastfm_similar_tracks",
        "origin": "play",
        "plays": 3,
    }


def test_a_play_of_long_ago_is_a_play_without_a_number():
    assert told(leads(PLAY), listener=acquaintance(plays=[replace(PLAY, at=ago(8))]))["origin"] == "play"
    assert "plays" not in told(leads(PLAY), listener=acquaintance(plays=[replace(PLAY, at=ago(8))]))


def test_a_like_that_was_played_this_week_is_told_as_played_and_otherwise_as_liked():
    assert told(leads(LIKE))["origin"] == "like"
    both = acquaintance(plays=[replace(LIKE, at=ago(1))])
    assert {"origin": "play", "plays": 1}.items() <= told(leads(LIKE), listener=both).items()


def test_what_was_heard_in_our_own_playlist_is_not_called_played():
    listener = acquaintance(likes=(), plays=[OURS])
    assert told(leads(ECHO), listener=listener)["origin"] == "echo"
    liked = acquaintance(likes=[ECHO], plays=[OURS])
    assert told(leads(ECHO), listener=liked)["origin"] == "like"
    own = acquaintance(likes=(), plays=[OURS, replace(ECHO, at=ago(1))])
    assert {"origin": "play", "plays": 1}.items() <= told(leads(ECHO), listener=own).items()


def test_what_he_asked_more_of_says_so_and_what_he_only_liked_here_is_a_like():
    more = acquaintance(asked=(ASKED,), more=frozenset({ASKED.key}), plays=[replace(ASKED, at=ago(1))])
    assert told(leads(ASKED), listener=more)["origin"] == "asked"
    assert told(leads(ASKED), listener=acquaintance(asked=(ASKED,)))["origin"] == "like"


def test_further_tracks_that_lead_there_are_named_or_counted():
    others = [make_heard(f"Other {n}", "Song", 300) for n in range(4)]
    listener = acquaintance(likes=[LIKE, *others])
    words = [leads(LIKE), leads(LIKE, source="another", match=0.9)]
    assert "also" not in told(*words, listener=listener)
    words += [leads(one, match=0.5 - n / 10) for n, one in enumerate(others)]
    reason_of = told(*words, leads(make_heard("Stranger", "Song")), listener=listener)
    assert reason_of["because"] == "Liked - Song"
    assert reason_of["also"] == {"because": "Other 0 - Song", "origin": "like"}
    assert reason_of["more"] == 3


def test_of_an_artist_it_tells_how_many_of_his_tracks_are_liked():
    likes = [make_heard("Band", f"Song {n}") for n in range(3)]
    listener = acquaintance(likes=likes, plays=[PLAY, make_heard("Band", "Played", 1)])
    word = make_found("Band", "New", relation="artist_top", seed="band", because="Band", source="lastfm_top_tracks")
    assert {"origin": "artist", "liked": 3}.items() <= told(word, listener=listener).items()
    played = make_found("Played", "New", relation="deep_cut", seed="played", because="Played")
    assert {"origin": "artist", "liked": 0}.items() <= told(played).items()


def test_an_artist_known_from_our_own_playlist_alone_is_not_called_his():
    listener = replace(acquaintance(likes=(), plays=[OURS]), known=frozenset({"echo"}))
    word = make_found("Echo", "New", relation="artist_top", seed="echo", because="Echo")
    assert "origin" not in told(word, listener=listener)


def test_a_track_he_has_says_whence():
    own = make_track("Liked", "Song", id=LIKE.id)
    same = leads(LIKE)
    assert {"again": "like", "year": 2024}.items() <= told(same, is_new=False, track=own).items()
    assert told(same, is_new=False, track=make_track("New", "Track"))["again"] == "given"


def test_the_new_artists_of_a_list_are_counted():
    picks = [
        Pick(merge([make_found(*names)])[0], None, 1.0, True, None)
        for names in (("Liked", "a"), ("X", "a"), ("X", "b"))
    ]
    assert artists(picks, acquaintance()) == {"all": 2, "new": 1}


heard = st.builds(
    make_heard, st.sampled_from("ABC"), st.sampled_from("xyz"), st.floats(0, 30),
    context=st.sampled_from(["", "spotify:playlist:ours"]),
)  # fmt: skip


@hypothesis_given(st.lists(heard, max_size=8), st.lists(heard, max_size=8), st.integers(0, 8))
def test_it_never_claims_more_than_the_listening_shows(likes, plays, which):
    listener = acquaintance(likes=likes, plays=plays)
    seeds = sorted(listener.known & {one.key for one in (*likes, *plays)})
    for key in seeds[which : which + 1]:
        reason_of = told(make_found("New", "Track", seed=key), listener=listener)
        week = [one for one in plays if one.key == key and not one.context and one.at > ago(7)]
        own = [one for one in plays if one.key == key and not one.context]
        assert reason_of.get("plays", 0) == len(week)
        assert (reason_of["origin"] == "play") == bool(week or (own and key not in {one.key for one in likes}))
        assert (reason_of["origin"] == "echo") == (not own and key not in {one.key for one in likes})
