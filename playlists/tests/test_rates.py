from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playlists.models import PlaylistRun, PlaylistRunTrack
from playlists.rates import Rate, rates, wilson
from recommendations.learning import Tally

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)


def test_wilsons_interval_is_that_of_the_textbook():
    low, high = wilson(1, 10)
    assert (round(low, 4), round(high, 4)) == (0.0179, 0.4042)
    assert wilson(0, 10)[0] == 0.0
    assert isclose(wilson(10, 10)[1], 1.0)


@given(st.integers(1, 1_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilsons_interval_holds_the_share_and_stays_within_0_and_1(pair):
    hits, n = pair
    low, high = wilson(hits, n)
    assert 0 <= low <= hits / n + 1e-12
    assert hits / n - 1e-12 <= high <= 1
    assert low < high


def test_the_rate_is_of_lists_that_were_followed_whole_and_the_counts_of_all():
    rows = [("a", True, "liked", 2), ("a", True, "kept", 6), ("a", False, "heard", 5), ("a", False, "unknown", 7)]
    [one] = rates(rows)
    assert (one.given, one.good, one.coverage) == (20, 7, 1 - 7 / 20)
    assert (one.n, one.hits, one.rate) == (8, 2, 0.25)


def test_where_no_list_was_followed_there_is_no_rate():
    assert (Rate(()).rate, Rate(()).interval, Rate(()).coverage) == (None, None, 0.0)


def a_list(alice, at: datetime, *words: tuple[str, str, str], **columns) -> PlaylistRun:
    values = {"status": "success", "finished_at": at, "created_at": at, "day": at.date(), "trigger": "shell"}
    run = PlaylistRun.objects.create(user=alice, size_asked=9, min_new_ratio=0.8, **(values | columns))
    PlaylistRunTrack.objects.bulk_create(
        PlaylistRunTrack(
            run=run, position=n, spotify_track_id=f"t{n}", source=source, reason={"relation": relation}, outcome=word
        )
        for n, (source, relation, word) in enumerate(words, 1)
    )
    return run


@pytest.fixture
def two_lists(alice) -> list[PlaylistRun]:
    track, search = ("tracks", "similar_track"), ("search", "search")
    followed = a_list(alice, NOW, (*track, "heard"), (*track, "kept"), (*search, "removed"))
    blind = a_list(alice, NOW - timedelta(days=1), (*track, "liked"), (*search, "unknown"), dry_run=False)
    a_list(alice, NOW, (*track, "heard"), dry_run=True)
    a_list(alice, NOW, (*track, "heard"), status="failed")
    a_list(alice, NOW - timedelta(days=40), (*track, "heard"))
    return [followed, blind]


def test_tracks_are_counted_by_source_and_by_way(two_lists):
    given_lately = PlaylistRunTrack.objects.given(NOW - timedelta(days=30), NOW)
    for column, names in (("source", ("tracks", "search")), ("reason__relation", ("similar_track", "search"))):
        tracks, search = given_lately.rates(column)
        assert (tracks.of, search.of) == ((names[0],), (names[1],))
        assert tracks.counts == Counter(heard=1, kept=1, liked=1)
        assert (tracks.n, tracks.hits, tracks.coverage) == (2, 1, 1.0)
        assert (search.n, search.hits, search.coverage) == (1, 0, 0.5)


def test_tallies_are_those_of_each_list_alone(two_lists):
    followed, blind = two_lists
    tallies = PlaylistRunTrack.objects.given(NOW - timedelta(days=30), NOW).tallies()
    assert sorted(tallies) == sorted(
        [
            Tally(followed.pk, ("search",), "removed", 1),
            Tally(followed.pk, ("tracks",), "heard", 1),
            Tally(followed.pk, ("tracks",), "kept", 1),
            Tally(blind.pk, ("search",), "unknown", 1),
            Tally(blind.pk, ("tracks",), "liked", 1),
        ]
    )


def test_a_track_counts_for_each_source_that_found_it(alice):
    run = a_list(alice, NOW, ("tracks", "similar_track", "heard"), ("tracks", "similar_track", "kept"))
    run.tracks.filter(outcome="heard").update(reason={"sources": {"radio": True, "tracks": True}})
    given_lately = PlaylistRunTrack.objects.given(NOW - timedelta(days=30), NOW)
    assert sorted(given_lately.tallies()) == [
        Tally(run.pk, ("radio", "tracks"), "heard", 1),
        Tally(run.pk, ("tracks",), "kept", 1),
    ]
    found = {one.of[0]: (one.given, one.hits) for one in given_lately.rates_of_sources()}
    assert found == {"tracks": (2, 1), "radio": (1, 1)}
    assert {name: given_lately.found_by(name).count() for name in found} == {"tracks": 2, "radio": 1}
