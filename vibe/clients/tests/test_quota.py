"""Ceilings, what is left below them, and when it comes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from vibe.clients import quota
from vibe.clients.models import ApiUsage
from vibe.clients.quota import REMEMBERED, TOTAL, ceilings, frees_at, left

NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
IN_ONE_TEST = hypothesis(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
made_earlier = st.lists(
    st.tuples(
        st.integers(0, 30 * 60), st.sampled_from(["search", "library", "playlist_read", "playlist_write", "token"])
    ),
    max_size=60,
)


def used(calls: int, family: str = "search", *, hours_ago: int = 0, service: str = "spotify") -> None:
    hour = NOW.replace(minute=0) - hours_ago * HOUR
    usage, _ = ApiUsage.objects.get_or_create(service=service, family=family, hour=hour)
    usage.calls += calls
    usage.save()


def store(minutes_ago: int, family: str) -> datetime:
    """One call, as `limiter` stores it; answers when it was."""
    at = NOW - timedelta(minutes=minutes_ago)
    usage, _ = ApiUsage.objects.get_or_create(service="spotify", family=family, hour=at.replace(minute=0))
    usage.calls += 1
    usage.save()
    return at


def test_a_fresh_installation_has_its_ceilings(db):
    assert left(NOW) == {TOTAL: 300, "search": 150, "artist_albums": 60, "album_tracks": 60, "playlist": 100}


def test_the_ceilings_go_with_the_setting(settings):
    settings.SPOTIFY_DAILY_CALLS = 1000
    assert ceilings() == {TOTAL: 1000, "search": 500, "artist_albums": 200, "album_tracks": 200, "playlist": 333}


def test_an_app_with_extended_quota_has_none(db, settings):
    settings.SPOTIFY_DAILY_CALLS = 0
    used(100_000)
    assert left(NOW) == {}
    assert frees_at(NOW, 10_000) == NOW


def test_calls_count_for_their_group_and_in_all(db):
    used(10, "search")
    used(3, "playlist_read")
    used(4, "playlist_write", hours_ago=5)
    used(20, "library", hours_ago=20)
    used(7, "recommendations")
    assert left(NOW) == {TOTAL: 256, "search": 140, "artist_albums": 60, "album_tracks": 60, "playlist": 93}


def test_other_services_and_the_renewing_of_tokens_cost_no_quota(db):
    used(500, "similar_tracks", service="lastfm")
    used(500, "token")
    assert left(NOW)[TOTAL] == 300


def test_more_calls_than_the_ceiling_leave_less_than_nothing(db):
    used(170, "search")
    assert left(NOW)["search"] == -20


@pytest.mark.parametrize(("hours_ago", "calls_left"), [(24, 200), (25, 300)])
def test_an_hour_counts_as_long_as_any_of_it_may_lie_in_the_window(db, hours_ago, calls_left):
    used(100, hours_ago=hours_ago)
    assert left(NOW)[TOTAL] == calls_left


@given(made_earlier)
@IN_ONE_TEST
def test_what_is_left_is_never_more_than_spotify_would_give(db, calls):
    ApiUsage.objects.all().delete()
    made = [(store(minutes, family), family) for minutes, family in calls]
    rest = left(NOW)
    for name, most in ceilings().items():
        mine = [at for at, one in made if one != "token" and name in (TOTAL, quota.group(one))]
        assert rest[name] <= most - sum(at > NOW - timedelta(hours=24) for at in mine)
        assert rest[name] >= most - sum(at > NOW - timedelta(hours=26) for at in mine)


@given(made_earlier, st.integers(1, 30), st.sampled_from([TOTAL, "search", "playlist"]), st.integers(0, 3))
@IN_ONE_TEST
def test_from_the_hour_that_is_told_on_there_is_room_and_not_before(db, settings, calls, wanted, name, each):
    settings.SPOTIFY_DAILY_CALLS = 90
    coming = [(NOW + n * 3 * HOUR, each) for n in range(8)] if name == TOTAL else []
    ApiUsage.objects.all().delete()
    for minutes, family in calls:
        store(minutes, family)
    told = frees_at(NOW, wanted, name, coming)
    assert NOW <= told <= NOW + REMEMBERED
    ahead = [(at, count) for at, count in coming if at >= told]
    so_far = [(told, sum(count for at, count in coming if at < told))]
    assert left(told, [*so_far, *ahead])[name] >= wanted
    if told > NOW:
        before = told - timedelta(seconds=1)
        assert quota.left(before, [(max(at, before), count) for at, count in coming])[name] < wanted


def test_calls_that_are_coming_are_spoken_for(db):
    used(100, hours_ago=20)
    assert left(NOW, [(NOW + 2 * HOUR, 30)])[TOTAL] == 170
    # By then the hundred are forgotten.
    assert left(NOW, [(NOW + 6 * HOUR, 30)])[TOTAL] == 200
    assert left(NOW, [(NOW + 6 * HOUR, 130)])[TOTAL] == 170
    assert left(NOW, [(NOW + 2 * HOUR, 30)])["search"] == 50


def test_a_wish_beyond_the_ceiling_waits_for_all_that_can_come_back(db):
    used(10, hours_ago=3)
    used(10, hours_ago=9)
    assert frees_at(NOW, 301) == NOW.replace(minute=0) + 22 * HOUR


def test_what_is_left_costs_one_query(db, django_assert_num_queries):
    for hours_ago in range(25):
        used(1, hours_ago=hours_ago)
    with django_assert_num_queries(1):
        left(NOW)
