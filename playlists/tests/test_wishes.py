"""A list by a wish, from the request to the playlist at Spotify, in the sandbox's world of real artists."""

from __future__ import annotations

import pytest

from playlists import notes, story
from playlists.models import PlaylistRun
from playlists.request import AlreadyRunning, TooManyToday, request
from playlists.run_page import facts
from playlists.tests.at_spotify import AtSpotify, make, now
from playlists.wishes import refused, sentence, told

NEAR_KINO = {"Алиса", "Аквариум", "Наутилус Помпилиус", "Агата Кристи", "Зоопарк", "Molchat Doma", "ДДТ", "Пикник"}


def test_by_kino_is_a_list_of_its_own_with_kino_and_those_near(listener, sandbox):
    spotify = AtSpotify(sandbox)
    todays = make(listener, size=5)
    run = make(listener, size=12, steer="by Kino")
    assert (run.status, run.night, todays.night is None) == ("success", None, False)
    artists = [track.artists for track in run.tracks.all()]
    assert 2 < artists.count("Кино") <= 4
    assert len(NEAR_KINO.intersection(artists)) >= 3
    assert run.novelty is not None
    assert run.novelty >= run.min_new_ratio
    assert all(track.why for track in run.tracks.all())
    written = spotify.one(run.playlist_id)
    assert written["name"].endswith("· by Kino")
    assert written["description"].startswith("By your wish: by Kino.")
    assert sentence(told(run)) == "By your wish “by Kino”: up to a third is by Кино, the rest by artists near."
    assert facts(run)["wish"]["artist"] == "Кино"


def test_an_artist_of_his_needs_no_by_where_no_style_is_called_so(listener, sandbox):
    run = make(listener, size=6, steer="Radiohead")
    assert run.report["followed"] == {"artist": "Radiohead"}
    assert "Radiohead" in {track.artists for track in run.tracks.all()}


def test_two_artists_at_once_are_told_to_be_wished_for_one_by_one(listener, sandbox):
    run = make(listener, steer="by Кино and Алиса")
    assert (run.status, run.error_code) == ("failed", "wish_artists")
    assert "“by Кино and Алиса”" in run.notes


def test_a_russian_wish_leads_to_lastfms_tags_and_says_what_was_not_known(listener, sandbox):
    run = make(listener, size=10, steer="спокойный джаз")
    assert run.report["followed"] == {"tags": ["jazz"], "partly": True}
    artists = {track.artists for track in run.tracks.all()}
    assert len(artists & {"Miles Davis", "Chet Baker", "Bill Evans", "Ella Fitzgerald", "Billie Holiday"}) >= 3
    assert "wish_partly" in run.relaxations
    assert sentence(told(run)) == "By your wish “спокойный джаз”: what Last.fm's listeners call jazz."


def test_no_track_of_strangers_is_called_his_and_each_reason_says_what_was_asked_for(listener, sandbox):
    run = make(listener, size=10, steer="calm jazz")
    tracks = list(run.tracks.all())
    assert all("you asked for" in track.why for track in tracks if "origin" not in track.reason)
    similar = next(t.why for t in tracks if t.reason["relation"] == "similar_track" and "origin" not in t.reason)
    assert similar.startswith("you asked for “calm jazz”; listeners of ")
    told = [" ".join(story.lines(story.told(track))) for track in tracks]
    assert any("tracks of the style you asked for (" in one for one in told)
    assert not any("your tracks that lead here" in one for one in told)


def test_by_an_artist_it_is_his_tracks_that_count_and_the_reason_names_him(listener, sandbox):
    run = make(listener, size=10, steer="by Molchat Doma")
    tracks = list(run.tracks.all())
    assert any(track.why.startswith("you asked for “Molchat Doma”; ") for track in tracks)
    told = [" ".join(story.lines(story.told(track))) for track in tracks]
    assert any("tracks of the artist you asked for (" in one or "tracks by your wish" in one for one in told)
    assert not any("an artist close to yours" in one for one in told)


@pytest.mark.parametrize("words", ["banana", "by Zzyzx Qwerty"])
def test_what_nobody_knows_is_said_and_nothing_is_written(listener, sandbox, words):
    spotify = AtSpotify(sandbox)
    run = make(listener, steer=words)
    assert (run.status, run.error_code, run.total) == ("failed", "wish_unknown", 0)
    assert f"“{words}”" in run.notes
    assert not run.tracks.exists()
    assert spotify.creations() == 0


def test_without_lastfms_key_an_artist_is_found_by_spotify_and_a_style_is_refused(listener, sandbox, settings):
    settings.LASTFM_API_KEY = ""
    run = make(listener, size=6, steer="by Portishead")
    assert {track.artists for track in run.tracks.all()} == {"Portishead"}
    assert "artist_cap" in run.relaxations
    assert sentence(told(run)) == "By your wish “by Portishead”."
    run = make(listener, steer="jazz")
    assert (run.error_code, "no key" in run.notes) == ("wish_no_tags", True)
    assert (refused("jazz"), refused("by Portishead")) == ("wish_no_tags", "")


def test_where_lastfm_is_down_the_wish_waits_and_keeps_its_words(listener, sandbox):
    sandbox.fault("server_error", service="lastfm", times=None)
    run = make(listener, steer="jazz")
    assert (run.status, run.error_code, run.steer) == ("queued", "sources_failed", "jazz")


def test_another_wish_waits_until_the_first_is_a_list(listener):
    request(listener, trigger="bot", now=now(), steer="by Kino")
    with pytest.raises(AlreadyRunning):
        request(listener, trigger="bot", now=now(), steer="calm jazz")
    with pytest.raises(AlreadyRunning):
        request(listener, trigger="bot", now=now(), force=True)
    assert [run.steer for run in PlaylistRun.objects.all()] == ["by Kino"]
    run, is_ours = request(listener, trigger="bot", now=now())
    assert (run.steer, is_ours) == ("", True)  # the list of the night is another matter


def test_a_wish_counts_as_one_of_the_lists_of_a_day(listener, settings):
    settings.MANUAL_RUNS_A_DAY = 1
    request(listener, trigger="bot", now=now(), steer="by Kino")
    PlaylistRun.objects.update(status="success")
    with pytest.raises(TooManyToday):
        request(listener, trigger="bot", now=now(), steer="calm jazz")


def test_a_name_in_the_accusative_is_found_where_only_its_first_word_is_declined(listener, sandbox):
    assert make(listener, size=6, steer="похоже на Агату Кристи").report["followed"] == {"artist": "Агата Кристи"}


@pytest.mark.parametrize(
    ("words", "code"),
    [("", "wish_unreadable"), ("🎸", "wish_unreadable"), ("jazz", ""), ("jazz by Kino", "wish_both"),
     ("no metal", "wish_negated"), ("без рока", "wish_negated"), ("no jazz by Kino", "wish_negated"),
     ("no wave", ""), ("not", ""), ("by No Doubt", "")],
)  # fmt: skip
def test_what_is_no_wish_is_refused_before_anything_is_asked(words, code):
    assert refused(words) == code


def test_who_says_what_he_does_not_want_is_told_what_to_do_instead():
    told = notes.sentence("wish_negated", {"words": "no metal"})
    assert told.startswith("“no metal” says what you don't want")
    assert "/block" in told
    assert "“by”" in told


def test_a_list_without_a_wish_says_nothing_of_one(listener, warm):
    run = make(listener, size=3)
    assert (told(run), sentence(told(run)), run.playlist_name.count("·")) == ({}, "", 1)
