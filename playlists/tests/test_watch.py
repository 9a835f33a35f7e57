"""What the operator is told of nights and of the day's calls."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from accounts.models import Incident, Outbox, User
from playlists.models import PlaylistRun
from playlists.watch import LOOK_BACK, PATIENCE, watch
from vibe.clients.models import ServiceState

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NIGHT = date(2026, 11, 23)
GRANTED = {"budget": {"granted": {"": 20}}}


@pytest.fixture(autouse=True)
def operator(settings) -> None:
    settings.OPERATOR_CHAT_ID = "4242"


def run(name: str, status: str, at: datetime = NOW, night: date | None = NIGHT, **columns: Any) -> PlaylistRun:
    user, _ = User.objects.get_or_create(username=name)
    ended = at if status not in ("queued", "running") else None
    wanted = {"trigger": "nightly", "size_asked": 30, "min_new_ratio": 0.5, "created_at": at, "started_at": at}
    return PlaylistRun.objects.create(
        user=user, status=status, night=night, day=night or NIGHT, finished_at=ended, **{**wanted, **columns}
    )


def refused(name: str, at: datetime = NOW, **columns: Any) -> PlaylistRun:
    until = at + 5 * HOUR
    parked = {"error_code": "quota_exceeded", "error_params": {"until": until.isoformat()}, "not_before": until}
    return run(name, "queued", at, **{**parked, **columns})


def told() -> list[tuple[str, str]]:
    return [(row.kind.removeprefix("incident_"), row.payload["kind"]) for row in Outbox.objects.order_by("pk")]


def test_a_night_is_told_when_all_its_runs_have_ended_with_all_its_failures():
    run("alice", "failed")
    last = run("bob", "running")
    run("carol", "failed", trigger="shell")  # queued for everybody by hand
    run("dave", "failed", trigger="endpoint")
    watch(NOW)
    assert told() == []
    PlaylistRun.objects.filter(pk=last.pk).update(status="success", finished_at=NOW)
    for _ in range(2):
        watch(NOW)
    assert told() == [("open", "night")]
    params = Incident.objects.get().params
    assert params == {"night": "2026-11-23", "count": 3, "users": ["alice", "carol", "dave"]}


def test_a_night_in_which_one_waits_long_is_told_an_hour_after_the_first_failure():
    run("alice", "failed")
    run("bob", "queued", not_before=NOW + 9 * HOUR)
    run("carol", "failed", NOW + HOUR / 2)
    watch(NOW + PATIENCE - timedelta(seconds=1))
    assert told() == []
    watch(NOW + PATIENCE)
    assert Incident.objects.get().params["count"] == 2


@pytest.mark.parametrize(
    "columns",
    [
        {"error_code": "superseded"},
        {"trigger": "bot", "asked": 1},
        {"trigger": "shell", "asked": 1, "dry_run": True, "night": None},
        {"at": NOW - LOOK_BACK},
    ],
)
def test_what_is_no_failure_of_the_night_is_not_told(columns):
    run("alice", "failed", **columns)
    watch(NOW)
    assert told() == []


def test_a_night_is_over_when_a_later_one_has_ended_without_a_failure():
    run("alice", "failed")
    run("bob", "success")
    watch(NOW)
    watch(NOW + DAY)
    assert told() == [("open", "night")]
    run("alice", "success", NOW + DAY, NIGHT + DAY)
    last = run("bob", "running", NOW + DAY, NIGHT + DAY)
    watch(NOW + DAY)
    assert told() == [("open", "night")]
    PlaylistRun.objects.filter(pk=last.pk).update(status="success", finished_at=NOW + DAY)
    for _ in range(2):
        watch(NOW + DAY)
    assert told() == [("open", "night"), ("closed", "night")]


def test_a_later_night_with_a_failure_is_not_the_end():
    run("alice", "failed")
    watch(NOW)
    run("alice", "success", NOW + DAY, NIGHT + DAY)
    run("bob", "failed", NOW + DAY, NIGHT + DAY)
    watch(NOW + DAY)
    watch(NOW + DAY + HOUR)
    assert told() == [("open", "night")]


def test_a_failure_that_comes_after_the_end_was_told_is_told_of_its_own_night():
    run("alice", "failed")
    watch(NOW)
    run("alice", "success", NOW + DAY, NIGHT + DAY)
    watch(NOW + DAY)
    run("bob", "failed", NOW + DAY + HOUR, NIGHT + DAY)
    watch(NOW + DAY + HOUR)
    assert told() == [("open", "night"), ("closed", "night"), ("open", "night")]


def test_an_incident_of_an_older_version_is_of_the_night_it_was_opened_in():
    Incident.objects.create(kind="night", params={"count": 1}, opened_at=NOW)
    run("alice", "success")
    watch(NOW)
    assert told() == []
    run("alice", "success", NOW + DAY, NIGHT + DAY)
    watch(NOW + DAY)
    assert told() == [("closed", "night")]


@pytest.mark.parametrize("columns", [{}, {"trigger": "bot", "asked": 1}])
def test_ceilings_that_park_a_days_list_are_told_and_their_end_when_calls_are_granted_again(columns):
    parked = refused("alice", **columns)
    for _ in range(2):
        watch(NOW)
    assert Incident.objects.get().params == {"until": (NOW + 5 * HOUR).isoformat(), "ours": True}
    again = {"status": "running", "error_code": "", "not_before": None, "started_at": NOW + 5 * HOUR}
    PlaylistRun.objects.filter(pk=parked.pk).update(**again)
    watch(NOW + 5 * HOUR)
    assert told() == [("open", "quota")]
    PlaylistRun.objects.update(status="success", finished_at=NOW + 6 * HOUR, report=GRANTED)
    for _ in range(2):
        watch(NOW + 6 * HOUR)
    assert told() == [("open", "quota"), ("closed", "quota")]


def test_a_list_that_was_chosen_before_is_no_sign_that_there_are_calls_again():
    refused("alice")
    watch(NOW)
    later = NOW + HOUR
    run("bob", "success", later, report=GRANTED, intent_at=NOW - HOUR)
    watch(later)
    assert told() == [("open", "quota")]


@pytest.mark.parametrize(
    "columns",
    [
        {"night": None, "trigger": "bot", "asked": 1},  # the rest is kept for the others
        {"report": GRANTED},  # Spotify's own refusal, which its rows tell of
        {"error_code": "rate_limited"},
        {"not_before": NOW},
    ],
)
def test_other_waits_are_no_matter_of_the_ceilings(columns):
    refused("alice", **columns)
    watch(NOW)
    assert told() == []


def test_one_refused_before_another_was_granted_is_no_news():
    refused("alice")
    run("bob", "success", NOW + HOUR, report=GRANTED)
    watch(NOW + HOUR)
    assert told() == []


def test_spotifys_own_quota_is_the_same_incident():
    until = NOW + HOUR
    ServiceState.objects.create(service="spotify", family="search", reason="quota_exceeded", blocked_until=until)
    refused("alice")
    watch(NOW)
    assert Incident.objects.get().params == {"until": until.isoformat(), "family": "search"}
