from __future__ import annotations

from recommendations.collect import collect, collect_enough
from recommendations.converse import Budget
from recommendations.questions import artist_search, similar_tracks
from recommendations.sources import spotify_search
from recommendations.tests.told import Remembered, Told, found_row, profile, row, seed, seed_artist
from vibe.clients.errors import ServiceError

LISTENER = profile([seed("Кино", "Группа крови")], [seed_artist("Кино")])
ANSWERS = {similar_tracks("Кино", "Группа крови"): (row("Алиса", "Веретено", 1.0),)}


def reports(told: Told):
    found, all_reports = collect(LISTENER, told, Remembered(), Budget())
    return found, {report.source: report for report in all_reports}


def test_every_source_is_reported_with_what_it_was_asked_and_found():
    found, report = reports(Told(ANSWERS))
    assert [f.title for f in found] == ["Веретено"]
    assert (report["lastfm_similar_tracks"].asked, report["lastfm_similar_tracks"].found) == (2, 1)


def test_a_service_that_is_not_configured_is_off_and_not_asked():
    told = Told(ANSWERS, services=("spotify",))
    found, report = reports(told)
    assert found == []
    assert report["lastfm_similar_tracks"].state == "off"
    assert {question.service for question in told.asked} == {"spotify"}


def test_a_removed_route_is_gone_and_costs_no_call():
    told = Told(ANSWERS, gone=("recommendations", "artist_top_tracks"))
    _found, report = reports(told)
    assert report["spotify_recommendations"].state == "gone"
    assert report["spotify_albums"].state == "asked"
    assert not any(question.family in ("recommendations", "artist_top_tracks") for question in told.asked)


def test_deep_cuts_are_left_out_where_top_tracks_are_alive():
    _found, report = reports(Told(ANSWERS))
    assert report["spotify_albums"].state == "not_needed"


def test_one_source_failing_leaves_the_others_findings():
    down = ServiceError("spotify", "timeout")

    class Half(Told):
        def fetch(self, question):
            if question.service == "spotify":
                raise down
            return super().fetch(question)

    found, report = reports(Half(ANSWERS))
    assert [f.title for f in found] == ["Веретено"]
    assert report["spotify_search"].errors == {"timeout": 1}


ARTISTS = [seed_artist(f"Artist {n}") for n in range(15)]
SEARCHED = {artist_search(artist.name): (found_row(artist.name, "Song"),) for artist in ARTISTS}


def test_where_too_little_is_found_more_artists_are_asked_about():
    told = Told(SEARCHED, services=("spotify",), gone=("recommendations", "artist_top_tracks"))
    found, all_reports = collect_enough(profile(artists=ARTISTS), told, Remembered(), Budget(), lambda f: len(f) > 10)
    assert len({word.artist for word in found}) == spotify_search.WIDE
    searches = [question for question in told.asked if question.family == "search"]
    assert len(searches) == len(set(searches)) == spotify_search.WIDE
    assert {report.source: report.found for report in all_reports}["spotify_search"] == spotify_search.WIDE


def test_where_enough_is_found_nothing_more_is_asked():
    told = Told(SEARCHED, services=("spotify",))
    collect_enough(profile(artists=ARTISTS), told, Remembered(), Budget(), lambda _found: True)
    assert sum(question.family == "search" for question in told.asked) == spotify_search.SEED_ARTISTS


def test_the_first_report_tells_the_trouble_of_a_source_that_stayed_silent():
    class Down(Told):
        def fetch(self, question):
            raise ServiceError(question.service, "timeout")

    _found, all_reports = collect_enough(LISTENER, Down({}), Remembered(), Budget(), lambda _found: False)
    assert {report.source: report.errors for report in all_reports}["lastfm_similar_tracks"] == {"timeout": 1}
