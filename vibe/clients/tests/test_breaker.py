"""The circuit breaker over several runs: each is a Meter of its own, and the table is all they share."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vibe.clients import breaker, limiter
from vibe.clients.errors import NotAllowed, QuotaExceeded, RateLimited, ServiceError
from vibe.clients.http import MENDING, ask
from vibe.clients.meter import Health, Meter
from vibe.clients.models import ServiceState
from vibe.clients.tests.conftest import NOW, Time

pytestmark = pytest.mark.django_db
DOWN = ServiceError("spotify", "unavailable")


def run(time: Time, *ends: ServiceError | None, service: str = "spotify", family: str = "search") -> Meter:
    """One run whose calls end so; what it met is shared."""
    meter = Meter(time.clock, {}, sleep=time.sleep, monotonic=time.monotonic)
    limiter.load(meter)
    for end in ends:
        try_once(meter, service, family, end)
    limiter.store(meter)
    return meter


def try_once(meter: Meter, service: str, family: str, end: ServiceError | None) -> None:
    def send() -> None:
        if end:
            raise end

    with nullcontext() if end is None else suppress(ServiceError):
        ask(meter, service, family, send, repeatable=True)


def state(service: str = "spotify", family: str = "") -> ServiceState:
    return ServiceState.objects.get(service=service, family=family)


def rest(time: Time) -> float:
    """Seconds until the service may be called again."""
    until = state().blocked_until
    return round((until - time.now).total_seconds()) if until else 0


def test_a_call_with_all_its_repeats_is_one_failure(time):
    meter = run(time, DOWN)
    assert (meter.calls["spotify", "search"], state().failures) == (3, 1)


def test_five_failures_in_a_row_of_whatever_runs_give_the_service_a_rest(time):
    for _ in range(4):
        run(time, DOWN)
    assert rest(time) == 0
    run(time, DOWN)
    assert (rest(time), state().reason) == (60, "service_down")
    later = run(time)
    with pytest.raises(RateLimited) as refused:
        ask(later, "spotify", "me", lambda: pytest.fail("went out"), repeatable=True)
    assert (refused.value.code, refused.value.until) == ("service_down", state().blocked_until)
    assert not later.calls


def test_each_failure_after_a_rest_begins_one_twice_as_long_up_to_a_quarter_of_an_hour(time):
    run(time, *[DOWN] * 5)
    rests = []
    for _ in range(6):
        rests.append(rest(time))
        time.now += timedelta(seconds=rests[-1])
        run(time, DOWN)
    assert rests == [60, 120, 240, 480, 900, 900]


def test_calls_that_were_under_way_when_it_opened_make_no_rest_longer(time):
    meters = [Meter(time.clock, {}, sleep=lambda _: None, monotonic=time.monotonic) for _ in range(4)]
    for meter in meters:
        for _ in range(8):
            try_once(meter, "spotify", "search", DOWN)
    for meter in meters:
        limiter.store(meter)
    assert (state().failures, rest(time)) == (5, 60)


def test_a_success_after_the_rest_ends_the_matter(time):
    run(time, *[DOWN] * 5)
    time.now += timedelta(seconds=60)
    run(time, None)
    assert (state().failures, state().blocked_until, state().reason) == (0, None, "")


def test_a_success_from_before_the_rest_does_not_end_it(time):
    early = Meter(time.clock, {})
    try_once(early, "spotify", "search", None)
    run(time, *[DOWN] * 5)
    time.now += timedelta(seconds=120)
    limiter.store(early)
    assert (state().failures, state().reason) == (5, "service_down")


def test_a_success_in_between_starts_the_count_anew(time):
    run(time, DOWN, DOWN, DOWN, DOWN, None, DOWN, DOWN)
    assert (state().failures, rest(time)) == (2, 0)
    run(time, None)
    assert state().failures == 0


def test_a_sign_in_that_works_does_not_say_that_the_service_does(time):
    run(time, *[DOWN] * 4)
    run(time, None, family="token")
    run(time, DOWN)
    assert state().reason == "service_down"


def test_lastfm_that_is_broken_stops_lastfm_alone(time):
    run(time, *[ServiceError("lastfm", "timeout")] * 8, service="lastfm", family="top_tracks")
    run(time, None)
    assert state("lastfm").reason == "service_down"
    assert not ServiceState.objects.filter(service="spotify").exists()


@pytest.mark.parametrize(
    "harmless",
    [
        ServiceError("spotify", "not_found", permanent=True),
        ServiceError("spotify", "bad_request", permanent=True),
        NotAllowed("spotify", "not_registered"),
        NotAllowed("spotify", "scope"),
    ],
)
def test_what_only_one_listener_or_one_question_meets_opens_nothing(time, harmless):
    run(time, *[harmless] * 8)
    assert not ServiceState.objects.exists()


def test_a_rest_never_shortens_a_longer_block(time):
    run(time, *[DOWN] * 4)
    ServiceState.objects.update(blocked_until=NOW + timedelta(hours=20), reason="rate_limited")
    limiter.store(failed_elsewhere(time))
    assert (state().reason, rest(time)) == ("rate_limited", 72_000 - round((time.now - NOW).total_seconds()))


def failed_elsewhere(time: Time) -> Meter:
    meter = Meter(time.clock, {}, sleep=lambda _: None, monotonic=time.monotonic)
    try_once(meter, "spotify", "search", DOWN)
    return meter


@pytest.mark.parametrize(
    ("service", "fault"),
    [
        ("spotify", NotAllowed("spotify", "premium")),
        ("spotify", ServiceError("spotify", "bad_credentials", permanent=True)),
        ("lastfm", ServiceError("lastfm", "bad_key", permanent=True)),
    ],
)
def test_a_fault_of_the_installation_stops_every_run_for_an_hour_without_a_call(time, service, fault):
    run(time, fault, service=service)
    assert (state(service).blocked_until, state(service).reason) == (NOW + MENDING, fault.code)
    other = run(time)
    with pytest.raises(RateLimited) as refused:
        ask(other, service, "anything", lambda: pytest.fail("went out"), repeatable=True)
    assert (refused.value.code, refused.value.until, refused.value.permanent) == (fault.code, NOW + MENDING, True)
    assert not other.calls


def test_premium_that_is_still_gone_after_the_hour_costs_one_call_and_the_next_hour(time):
    run(time, NotAllowed("spotify", "premium"))
    time.now += MENDING
    assert run(time, NotAllowed("spotify", "premium")).calls.total() == 1
    assert (state().reason, rest(time)) == ("premium", 3600)


def test_premium_is_back_when_a_call_has_worked_and_not_when_only_a_sign_in_has(time):
    run(time, NotAllowed("spotify", "premium"))
    time.now += MENDING
    run(time, None, family="token")
    assert state().reason == "premium"
    run(time, None)
    assert (state().reason, state().blocked_until) == ("", None)


def test_keys_are_good_again_when_a_sign_in_has_worked_and_not_when_an_old_token_did(time):
    run(time, ServiceError("spotify", "bad_credentials", permanent=True), family="token")
    time.now += MENDING
    run(time, None)
    assert state().reason == "bad_credentials"
    run(time, None, family="token")
    assert (state().reason, state().blocked_until) == ("", None)


def test_a_quota_is_over_when_its_own_family_has_answered(time):
    run(time, QuotaExceeded("spotify", NOW + timedelta(hours=20)))
    time.now += timedelta(hours=20)
    run(time, None, family="me")
    assert state(family="search").reason == "quota_exceeded"
    run(time, None)
    assert (state(family="search").reason, state(family="search").blocked_until) == ("", None)


def test_a_rate_limit_is_forgotten_only_after_the_five_slower_minutes(time):
    run(time, RateLimited("spotify", NOW + timedelta(seconds=30)))
    time.now = NOW + timedelta(seconds=60)
    run(time, None)
    assert state().reason == "rate_limited"
    time.now = NOW + timedelta(seconds=330)
    run(time, None)
    assert (state().reason, state().blocked_until) == ("", None)


def test_a_healthy_run_writes_nothing_about_its_services(time, django_assert_num_queries):
    run(time, None)
    healthy = Meter(time.clock, {})
    healthy.went("spotify", "search")
    with django_assert_num_queries(3):  # the transaction around no calls, and one look
        limiter.store(healthy)


moments = st.integers(-3600, 3600).map(lambda seconds: NOW + timedelta(seconds=seconds))
rows = st.builds(
    ServiceState,
    service=st.just("spotify"),
    family=st.sampled_from(["", "search"]),
    blocked_until=st.none() | moments,
    reason=st.sampled_from(["", "service_down", "premium", "bad_credentials", "rate_limited", "quota_exceeded"]),
    failures=st.integers(0, 40),
)
healths = st.builds(
    Health, st.integers(0, 20), st.dictionaries(st.sampled_from(["search", "me", "token"]), moments, max_size=3)
)


@given(rows, healths)
def test_no_block_under_way_is_ever_shortened_or_lifted(row: ServiceState, health: Health):
    before = row.blocked_until
    succeeded = [at for at in health.well.values() if at <= NOW]
    changes = breaker.after(row, Health(health.failures, dict.fromkeys(health.well, max(succeeded, default=NOW))), NOW)
    until: datetime | None = changes.get("blocked_until", before)
    if before and before > NOW:
        assert until is not None
        assert until >= before
    assert changes.get("failures", 0) >= 0
    assert until is None or until == before or until - NOW <= breaker.LONGEST_REST
