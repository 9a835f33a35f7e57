"""A wish for one list, from its words to the tracks: it leads where it says, and every promise holds."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommendations.candidates import Given, Listening
from recommendations.identity import artist_key, match_key
from recommendations.questions import (
    Row,
    artist_search,
    artist_tags,
    name_search,
    similar_artists,
    similar_tracks,
    tag_tracks,
    top_tracks,
    track_search,
)
from recommendations.reasons import facts
from recommendations.steered import Astray
from recommendations.steering import parse
from recommendations.tests.test_recommend import make
from recommendations.tests.told import NOW, Told, found_row, heard, row, tag
from vibe.clients.errors import ServiceError

JAZZ, METAL = [f"Trio {n}" for n in range(12)], [f"Band {n}" for n in range(12)]
LISTENER = Listening(
    likes=tuple(heard(artist, f"Liked {n}", days_ago=50 + n) for n, artist in enumerate([JAZZ[0], METAL[0]] * 4))
)


def songs(artist: str, count: int = 4) -> tuple[Row, ...]:
    return tuple(row(artist, f"{artist} song {n}") for n in range(count))


def world() -> dict:
    """Two styles: each artist is near the others of his, each track is played beside theirs, and Spotify has it all."""
    answers: dict = {tag_tracks("jazz"): tuple(song for artist in JAZZ for song in songs(artist, 2))}
    for style, artists in (("jazz", JAZZ), ("metal", METAL)):
        for artist in artists:
            others = [other for other in artists if other != artist]
            answers[artist_tags(artist)] = (tag(style, 1.0), tag("seen live", 0.9))
            answers[similar_artists(artist)] = tuple(Row(artist=other, match=0.9) for other in others)
            answers[top_tracks(artist)] = songs(artist)
            answers[artist_search(artist)] = tuple(found_row(one.artist, one.title) for one in songs(artist))
            for song in (*songs(artist), *(row(artist, f"Liked {n}") for n in range(8))):
                near = [row(other, f"{other} song {n}", 0.5) for n in range(3) for other in (artist, *others)]
                answers[similar_tracks(artist, song.title)] = tuple(near)
                for search in (track_search, name_search):
                    answers[search(artist, song.title)] = (found_row(artist, song.title),)
    return answers


def steered(words: str, told: Told | None = None, listening: Listening = LISTENER, **wish):
    result, _steps = make(told or Told(world()), listening, steer=parse(words), **{"size": 12, **wish})
    return result


def artists(result) -> list[str]:
    return [pick.candidate.artist for pick in result.selection.picks]


def test_a_list_by_an_artist_is_up_to_a_third_his_and_otherwise_by_artists_near():
    result = steered("by Trio 3")
    by = Counter(artists(result))
    assert 2 < by["Trio 3"] <= 12 / 3
    assert artists(steered("by Trio 3", size=10)).count("Trio 3") == 3
    assert all(count <= 2 for artist, count in by.items() if artist != "Trio 3")
    assert set(by) <= set(JAZZ)
    assert (result.selection.relaxations, result.followed) == ((), {"artist": "Trio 3"})


def test_his_tracks_are_there_because_they_were_asked_for_and_nobody_is_said_to_play_what_he_does_not():
    result = steered("by Trio 3")
    told = {pick.candidate.key: facts(pick, result.listener) for pick in result.selection.picks}
    assert {one["relation"] for key, one in told.items() if key.startswith("trio3 |")} == {"asked_artist"}
    known = {like.key for like in LISTENER.likes}
    seeds = {match_key(*one["because"].split(" - ", 1)) for one in told.values() if "origin" in one}
    assert seeds <= known


def test_the_listeners_own_tracks_in_that_direction_are_seeds_and_the_others_are_not():
    told = Told(world())
    steered("by Trio 3", told)
    asked = {question.args[0] for question in told.asked if question.family == "similar_tracks"}
    assert JAZZ[0] in asked
    assert METAL[0] not in asked


def test_an_artist_in_the_library_is_asked_for_as_it_spells_him():
    told = Told(world() | {similar_artists("trio 0"): ()})
    assert steered("by TRIO 0", told).followed == {"artist": "Trio 0"}
    assert artist_search("TRIO 0") not in told.asked


def test_a_name_in_the_genitive_is_tried_in_the_nominative_too():
    answers = world()
    answers[artist_search("Земфира")] = (found_row("Земфира", "Хочешь?"),)
    answers[top_tracks("Земфира")] = songs("Земфира")
    answers[similar_artists("Земфира")] = (Row(artist="Trio 5", match=1.0),)
    assert steered("в духе Земфиры", Told(answers)).followed == {"artist": "Земфира"}


def test_what_is_no_style_and_somebodys_name_is_by_him():
    for words, name in (("TRIO 0", "Trio 0"), ("Trio 3", "Trio 3")):  # one of the listener's own, and one who is not
        result = steered(words)
        assert result.followed == {"artist": name}
        assert Counter(artists(result))[name] > 2


def test_an_artist_with_an_and_in_his_name_is_one_and_two_artists_are_told_to_be_two():
    answers = world()
    answers[artist_search("Trio 3 and Trio 4")] = (found_row("Trio 3 and Trio 4", "Duet"),)
    assert steered("by Trio 3 and Trio 4", Told(answers)).followed == {"artist": "Trio 3 and Trio 4"}
    with pytest.raises(Astray) as lost:
        steered("by Trio 3 and Trio 4")
    assert lost.value.code == "wish_artists"


def test_by_an_artist_works_without_lastfm_and_the_list_says_what_gave_way():
    result = steered("by Trio 3", Told(world(), services=("spotify",)))
    assert set(artists(result)) == {"Trio 3"}
    assert "short" in result.selection.relaxations


def test_an_artist_nobody_knows_is_no_list():
    with pytest.raises(Astray) as lost:
        steered("by Nobody")
    assert lost.value.code == "wish_unknown"


def test_an_artist_whom_nobody_could_be_asked_about_may_be_known_later():
    failing = {
        question("Nobody"): ServiceError(service, "unavailable")
        for question, service in ((artist_search, "spotify"), (similar_artists, "lastfm"), (top_tracks, "lastfm"))
    }
    with pytest.raises(Astray) as lost:
        steered("by Nobody", Told(world() | failing))
    assert lost.value.code == "sources_failed"


@pytest.mark.parametrize("words", ["jazz", "джаз", "calm jazz"])
def test_a_list_of_a_style_has_none_but_artists_who_play_it(words):
    result = steered(words)
    assert len(result.selection.picks) == 12
    assert set(artists(result)) <= set(JAZZ)
    assert max(Counter(artists(result)).values()) <= 2
    assert result.followed["tags"] == ["jazz"]
    assert result.followed.get("partly", False) == (words == "calm jazz")


def test_who_is_played_beside_a_style_without_playing_it_stays_out():
    answers = world()
    for artist, song in ((one, song) for one in JAZZ for song in songs(one)):
        answers[similar_tracks(artist, song.title)] = (row("Band 7", "Band 7 song 0", 1.0), *songs("Trio 9"))
    result = steered("jazz", Told(answers))
    assert "Band 7" not in artists(result)
    assert "Trio 9" in artists(result)


def test_his_own_tracks_of_the_style_lead_the_list():
    told = Told(world())
    result = steered("jazz", told)
    asked = {question.args for question in told.asked if question.family == "similar_tracks"}
    liked = {(like.artist, like.name) for like in LISTENER.likes}
    assert {artist for artist, _title in asked & liked} == {JAZZ[0]}
    assert {result.profile.seeds[0].artist} == {JAZZ[0]}


@pytest.mark.parametrize("words", ["banana", "calm banana", "by"])
def test_a_style_nobody_knows_is_no_list_of_something_else(words):
    with pytest.raises(Astray) as lost:
        steered(words, Told(world() | {tag_tracks("calm"): songs("Trio 1", 30)}))
    assert lost.value.code == "wish_unknown"


def test_a_style_that_could_not_be_asked_for_may_be_known_later():
    with pytest.raises(Astray) as lost:
        steered("jazz", Told({tag_tracks("jazz"): ServiceError("lastfm", "unavailable")}))
    assert lost.value.code == "sources_failed"


def test_a_style_needs_lastfm():
    with pytest.raises(Astray) as lost:
        steered("jazz", Told(world(), services=("spotify",)))
    assert lost.value.code == "wish_no_tags"


def test_what_leads_back_to_the_listeners_own_counts_for_a_wish_too():
    answers = world()
    of_his = tuple(row(like.artist, like.name, 1.0) for like in LISTENER.likes[:4])
    answers[similar_tracks("Trio 7", "Trio 7 song 0")] = of_his
    ranked = {one.candidate.title: one for one in steered("jazz", Told(answers)).ranked}
    assert ranked["Trio 7 song 0"].parts["mutual"] == 0.5


def test_an_artist_about_whose_style_nobody_could_be_asked_stays_out():
    failing = {artist_tags("Trio 9"): ServiceError("lastfm", "unavailable")}
    answers = {question: rows for question, rows in world().items() if question != tag_tracks("jazz")}
    answers[tag_tracks("jazz")] = songs("Trio 1", 30)
    assert "Trio 9" in artists(steered("jazz", Told(answers), min_new_ratio=1.0, size=24))
    assert "Trio 9" not in artists(steered("jazz", Told(answers | failing), min_new_ratio=1.0, size=24))


def test_the_calls_of_a_wish_stay_within_the_budget_of_a_run():
    for words in ("calm jazz", "by Trio 3"):
        told = Told(world())
        steered(words, told)
        assert sum(question.service == "lastfm" for question in told.asked) <= 120


some = st.lists(st.sampled_from([song for artist in JAZZ for song in songs(artist)]), max_size=20)


@settings(max_examples=15)
@given(
    words=st.sampled_from(["jazz", "calm jazz", "by Trio 3", "by Trio 0"]),
    given_lately=some,
    disliked=some,
    blocked=st.sets(st.sampled_from(JAZZ), max_size=3),
    ratio=st.sampled_from([0.0, 0.5, 0.8, 1.0]),
    size=st.integers(1, 15),
)
def test_all_promises_hold_for_a_steered_list_too(words, given_lately, disliked, blocked, ratio, size):
    lately = {match_key(one.artist, one.title) for one in given_lately}
    never = {match_key(one.artist, one.title) for one in disliked}
    listening = Listening(
        likes=LISTENER.likes,
        history=tuple(Given(f"id:{key}", key, "", NOW) for key in lately),
        disliked=frozenset(never),
        blocked=frozenset(map(artist_key, blocked)),
    )
    result = steered(words, listening=listening, size=size, min_new_ratio=ratio)
    picks, gave_way = result.selection.picks, set(result.selection.relaxations)
    keys = [pick.candidate.key for pick in picks]
    assert len(keys) == len(set(keys)) <= size
    assert never.isdisjoint(keys)
    assert {pick.candidate.artist for pick in picks} <= set(JAZZ) - blocked
    assert lately.isdisjoint(keys) or "cool_down" in gave_way
    known = lately | {like.key for like in LISTENER.likes}
    assert all(pick.is_new == (pick.candidate.key not in known) for pick in picks)
    assert sum(pick.is_new for pick in picks) >= ratio * len(picks) or "min_new_ratio" in gave_way
    most = {artist_key(words.removeprefix("by ")): max(size // 3, 1)}
    counts = Counter(pick.candidate.artist_key for pick in picks)
    assert all(count <= most.get(artist, 2) for artist, count in counts.items()) or "artist_cap" in gave_way
    assert len(picks) == size or "short" in gave_way
