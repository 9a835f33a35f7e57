from __future__ import annotations

from datetime import timedelta

import pytest

from vibe.clients import limiter, quota
from vibe.clients.errors import QuotaExceeded, RateLimited, ServiceError, not_before
from vibe.clients.meter import Meter
from vibe.clients.models import ApiUsage, ServiceState
from vibe.clients.tests.conftest import NOW

pytestmark = pytest.mark.django_db


def call(meter: Meter, *families: str) -> None:
    for family in families:
        with meter.call("spotify", family):
            pass


def usage() -> dict[tuple[str, str], int]:
    return {(row.family, f"{row.hour:%H:%M}"): row.calls for row in ApiUsage.objects.all()}


def test_calls_are_added_to_their_hour_and_only_once(meter, time):
    call(meter, "me", "search", "search")
    limiter.store(meter)
    limiter.store(meter)
    call(meter, "search")
    limiter.store(meter)
    time.now += timedelta(hours=1)
    call(meter, "search")
    limiter.store(meter)
    assert usage() == {("me", "06:00"): 1, ("search", "06:00"): 3, ("search", "07:00"): 1}


def test_calls_are_kept_by_how_they_ended_and_the_quota_counts_them_all(meter, time, settings):
    settings.SPOTIFY_DAILY_CALLS = 300
    call(meter, "search")
    with pytest.raises(ServiceError), meter.call("spotify", "search"):
        raise ServiceError("spotify", "timeout")
    with pytest.raises(KeyError), meter.call("spotify", "search"):
        raise KeyError
    limiter.store(meter)
    assert {row.outcome: row.calls for row in ApiUsage.objects.all()} == {"ok": 1, "timeout": 1, "internal": 1}
    assert quota.left(time.now) == quota.ceilings() | {"total": 297, "search": 147}


def test_two_runs_add_to_the_same_hour(meter, time):
    other = Meter(time.clock, {})
    call(meter, "me")
    call(other, "me")
    limiter.store(meter)
    limiter.store(other)
    assert usage() == {("me", "06:00"): 2}


def test_a_block_met_by_one_run_stops_the_next(meter, time):
    meter.block(RateLimited("spotify", NOW + timedelta(minutes=10)))
    meter.block(QuotaExceeded("lastfm", NOW + timedelta(hours=20)), "top_tracks")
    limiter.store(meter)
    later = Meter(time.clock, {})
    limiter.load(later)
    with pytest.raises(RateLimited) as refused:
        call(later, "me")
    assert refused.value.until == NOW + timedelta(minutes=10)
    assert type(later.blocks["lastfm", "top_tracks"]) is QuotaExceeded


def test_a_stored_block_is_never_shortened(meter, time):
    meter.block(RateLimited("spotify", NOW + timedelta(minutes=10)))
    limiter.store(meter)
    other = Meter(time.clock, {})
    other.block(RateLimited("spotify", NOW + timedelta(minutes=1)))
    limiter.store(other)
    assert ServiceState.objects.get(service="spotify", family="").blocked_until == NOW + timedelta(minutes=10)


def test_a_block_that_an_operator_lifted_is_not_put_back_by_a_run_that_had_only_read_or_already_stored_it(meter, time):
    meter.block(RateLimited("spotify", NOW + timedelta(minutes=10)))
    limiter.store(meter)
    reader = Meter(time.clock, {})
    limiter.load(reader)
    ServiceState.objects.update(blocked_until=None)
    limiter.store(meter)
    limiter.store(reader)
    assert ServiceState.objects.get(service="spotify", family="").blocked_until is None


def test_a_longer_limit_met_after_reading_a_shorter_one_is_stored(meter, time):
    meter.block(RateLimited("spotify", NOW + timedelta(minutes=1)))
    limiter.store(meter)
    later = Meter(time.clock, {})
    limiter.load(later)
    later.block(RateLimited("spotify", NOW + timedelta(minutes=10)))
    limiter.store(later)
    assert ServiceState.objects.get(service="spotify", family="").blocked_until == NOW + timedelta(minutes=10)


def test_a_block_that_is_over_stops_nobody(meter, time):
    meter.block(RateLimited("spotify", NOW + timedelta(minutes=10)))
    limiter.store(meter)
    time.now += timedelta(minutes=10)
    later = Meter(time.clock, {})
    limiter.load(later)
    call(later, "me")


def test_a_removed_route_is_remembered_for_a_month(meter, time):
    meter.mark("spotify", "recommendations", False)
    meter.mark("spotify", "library_uris", True)
    limiter.store(meter)
    time.now += timedelta(days=29)
    later = Meter(time.clock, {})
    limiter.load(later)
    assert later.capabilities == {("spotify", "recommendations"): False, ("spotify", "library_uris"): True}
    time.now += timedelta(days=1)
    probing = Meter(time.clock, {})
    limiter.load(probing)
    assert probing.capabilities == {}


def test_what_was_only_loaded_keeps_the_day_it_was_probed(meter, time):
    meter.mark("spotify", "recommendations", False)
    limiter.store(meter)
    time.now += timedelta(days=20)
    later = Meter(time.clock, {})
    limiter.load(later)
    later.mark("spotify", "artist_top_tracks", False)
    limiter.store(later)
    state = ServiceState.objects.get(service="spotify", family="")
    assert state.capabilities == {
        "recommendations": {"alive": False, "probed": "2026-11-23"},
        "artist_top_tracks": {"alive": False, "probed": "2026-12-13"},
    }


def test_what_one_run_found_earlier_does_not_undo_what_another_found_since(meter, time):
    meter.mark("spotify", "recommendations", False)
    limiter.store(meter)
    other = Meter(time.clock, {})
    other.mark("spotify", "recommendations", True)
    limiter.store(other)
    limiter.store(meter)
    later = Meter(time.clock, {})
    limiter.load(later)
    assert later.capabilities == {("spotify", "recommendations"): True}


def test_nothing_is_known_of_a_service_never_used(meter):
    limiter.load(meter)
    assert meter.capabilities == {}


def test_storing_asks_the_database_as_often_whatever_was_called(meter, django_assert_max_num_queries):
    call(meter, *["search"] * 300)
    with django_assert_max_num_queries(8):
        limiter.store(meter)


@pytest.mark.parametrize("code", ["rate_limited", "quota_exceeded", "service_down", "premium", "bad_credentials"])
def test_a_block_keeps_its_reason_on_its_way_to_another_run(meter, time, code):
    meter.block(not_before("spotify", NOW + timedelta(minutes=10), code), "search")
    limiter.store(meter)
    with pytest.raises(RateLimited) as refused:
        call(limiter.opened(time.clock), "search")
    assert (refused.value.code, refused.value.until) == (code, NOW + timedelta(minutes=10))


def test_a_block_an_operator_made_by_hand_reads_as_a_rate_limit(time):
    ServiceState.objects.create(service="spotify", blocked_until=NOW + timedelta(minutes=10))
    with pytest.raises(RateLimited) as refused:
        call(limiter.opened(time.clock), "me")
    assert refused.value.code == "rate_limited"


def test_a_block_met_while_the_others_are_stored_is_stored_the_next_time(meter, time):
    meter.block(RateLimited("spotify", NOW + timedelta(minutes=1)))
    assert [error.until for _, error in meter.take_met()] == [NOW + timedelta(minutes=1)]
    meter.block(RateLimited("spotify", NOW + timedelta(minutes=10)))
    limiter.store(meter)
    assert ServiceState.objects.get(service="spotify", family="").blocked_until == NOW + timedelta(minutes=10)
