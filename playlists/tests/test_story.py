"""The whole story of a track: who named it at which place, and what counted."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from playlists import story
from playlists.models import PlaylistRun, PlaylistRunTrack, RunLedger
from playlists.tests.test_run_page import a_run, a_track

TRACKS, ARTISTS, TAGS = "lastfm_similar_tracks", "lastfm_similar_artists", "lastfm_tags"
SEEDS = [[f"s{n}", "Кино", f"Песня {n}", 1.0, "like"] for n in range(1, 8)]


def candidate(key: str, fate: str, *found: list[Any], **parts: float) -> dict[str, Any]:
    return {"key": key, "artist": "", "title": "", "found": list(found), "score": 0.5, "parts": parts, "fate": fate}


def track_of(run: PlaylistRun, *candidates: dict[str, Any], seeds: Any = SEEDS, **columns: Any) -> PlaylistRunTrack:
    run.plan = {"tracks": [{"id": "id1", "key": "mine", "is_new": True, "reason": {}}], "relaxations": []}
    run.save()
    body = {"seeds": seeds, "artists": [["kino", "Кино", 3]], "candidates": candidates}
    RunLedger.objects.create(run=run, body=RunLedger.pack(body))
    row = a_track(run, 1, **columns)
    row.save()
    return PlaylistRunTrack.objects.select_related("run__ledger").get(pk=row.pk)


@pytest.fixture
def run(alice) -> PlaylistRun:
    return a_run(alice, tracks=0)


def test_it_names_each_list_with_the_place_and_how_near_and_what_counted(run):
    found = [[TRACKS, "s1", 0.9, 3], [TRACKS, "s2", 0.1, 40], [ARTISTS, "kino", 0.4, 2]]
    mine = candidate("mine", "picked:1", *found, votes=0.75, top_list=0.0, similar_artist=0.25)
    row = track_of(run, candidate("better", "ranked_below"), candidate("known", "not_new"), mine)
    assert story.lines(story.told(row)) == [
        "2 tracks of yours lead here:",
        "• Last.fm, similar tracks: no. 3, from Кино - Песня 1 (very near)",
        "• Last.fm, similar tracks: no. 40, from Кино - Песня 2 (further off)",
        "• Last.fm, similar artists: no. 2, from Кино",
        "It was no. 2 of 2 tracks that could be given to you that day.",
        "What counted: your tracks that lead here (75 %), an artist close to yours (25 %).",
    ]
    with translation.override("ru"):
        assert story.lines(story.told(row)) == [
            "Сюда ведут 2 ваших трека:",
            "• Last.fm, похожие треки: № 3, от «Кино - Песня 1» (очень близко)",
            "• Last.fm, похожие треки: № 40, от «Кино - Песня 2» (не так близко)",
            "• Last.fm, похожие исполнители: № 2, от «Кино»",
            "Место 2 из 2 среди треков, которые в тот день можно было вам дать.",
            "Что повлияло: ваши треки, которые сюда ведут (75 %), близость исполнителя к вашим (25 %).",
        ]


def test_of_many_lists_the_nearest_are_named_and_the_others_counted(run):
    found = [[TRACKS, f"s{n}", n / 10, 8 - n] for n in range(1, 8)]
    lines = story.lines(story.told(track_of(run, candidate("mine", "picked:1", *found, votes=1.0))))
    assert lines[0] == "7 tracks of yours lead here:"
    assert lines[1].endswith("no. 1, from Кино - Песня 7 (very near)")
    assert lines[6] == "• and 2 more lists"


def test_tracks_of_his_that_it_leads_to_are_counted_once_with_those_that_lead_to_it(run):
    mine = candidate("mine", "picked:1", [TRACKS, "s1", 0.9, 3], votes=0.5, mutual=0.5) | {"leads_to": ["liked", "s1"]}
    lines = story.lines(story.told(track_of(run, mine)))
    assert lines[0] == "2 tracks of yours lead here:"
    assert lines[2] == "• 2 tracks of yours are among its own similar tracks"
    assert lines[-1] == "What counted: your tracks that lead here (50 %), your tracks that it leads to (50 %)."


def test_a_style_is_named_and_what_only_a_wish_led_to_is_not_called_his(run):
    found = [[TAGS, "tag post-punk", 0.3, 4], [TRACKS, "s1", 0.3, 1]]
    wished = [[*SEEDS[0][:4], "wish"]]
    row = track_of(run, candidate("mine", "picked:1", *found, tag=0.02, of_later=1.0), seeds=wished)
    assert story.lines(story.told(row))[:3] == [
        "Where it was found:",
        "• Last.fm, similar tracks: no. 1, from Кино - Песня 1 (near)",
        "• Last.fm, styles: no. 4, from post-punk",
    ]


@pytest.mark.parametrize(
    ("followed", "own", "words"),
    [
        ({"tags": ["jazz"]}, [], "tracks of the style you asked for (75 %), an artist close to yours (25 %)"),
        ({"artist": "Кино"}, [], "tracks of the artist you asked for (75 %), an artist close to the one you asked for"),
        ({"tags": ["jazz"]}, [[TRACKS, "s2", 0.3, 1]], "tracks by your wish and your own that lead here (75 %)"),
    ],
)
def test_what_a_wish_brought_counts_as_such(run, followed, own, words):
    run.report = {"followed": followed}
    mine = candidate("mine", "picked:1", [TRACKS, "s1", 0.3, 1], *own, votes=0.75, similar_artist=0.25)
    row = track_of(run, mine, seeds=[[*SEEDS[0][:4], "wish"], SEEDS[1]])
    assert words in story.lines(story.told(row))[-1]


def test_without_a_ledger_or_for_a_like_of_his_own_there_is_none(run, alice):
    mine = candidate("mine", "picked:1", [TRACKS, "s1", 0.9, 3], votes=1.0)
    assert story.told(track_of(run, mine, reason={"relation": "forgotten_like", "because": "2019"})) == {}
    row = a_track(a_run(alice, tracks=0), 1)
    row.save()
    assert story.lines(story.told(PlaylistRunTrack.objects.select_related("run__ledger").get(pk=row.pk))) == []


def test_a_ledger_of_before_names_artists_by_their_keys(run):
    row = track_of(run, candidate("mine", "picked:1", [ARTISTS, "alisa", 0.4, 2]), seeds=[SEEDS[0][:4]])
    assert "• Last.fm, similar artists: no. 2, from alisa" in story.lines(story.told(row))


def test_the_longest_story_leaves_room_for_the_rest_of_the_screen(run):
    seeds = [[f"s{n}", "x" * 200, "y" * 200, 1.0, "like"] for n in range(9)]
    found = [[TRACKS, f"s{n}", 0.9, 10_000] for n in range(9)]
    row = track_of(
        run, candidate("mine", "picked:1", *found, votes=1, tag=1, top_list=1, similar_artist=1), seeds=seeds
    )
    with translation.override("ru"):
        assert len("\n".join(story.lines(story.told(row)))) < 1500
