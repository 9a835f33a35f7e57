from __future__ import annotations

from recommendations.candidates import Listening
from recommendations.dedupe import merge
from recommendations.identity import match_key
from recommendations.ranking import rank, reason
from recommendations.selection import select
from recommendations.tests.builders import NOW, make_found, make_heard, make_profile

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
