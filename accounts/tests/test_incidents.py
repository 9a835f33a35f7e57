from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from accounts.incidents import DOWN_FOR_LONG, RECENT, begin, over, watch_services
from accounts.models import Incident, Outbox
from vibe.clients.models import ServiceState
from vibe.tests.at_once import at_once

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def operator(settings) -> None:
    settings.OPERATOR_CHAT_ID = "4242"


def told() -> list[tuple[int, str, str]]:
    return [(row.chat_id, row.kind, row.payload["kind"]) for row in Outbox.objects.order_by("pk")]


def open_kinds() -> set[str]:
    return set(Incident.objects.filter(closed_at=None).values_list("kind", flat=True))


def blocked(service: str, reason: str, until: datetime, family: str = "", failures: int = 0) -> ServiceState:
    return ServiceState.objects.create(
        service=service, family=family, reason=reason, blocked_until=until, failures=failures
    )


def test_the_operator_is_told_once_and_once_when_it_is_over():
    assert begin("premium", NOW)
    assert not begin("premium", NOW + HOUR)
    assert over("premium", NOW + HOUR)
    assert not over("premium", NOW + HOUR)
    assert told() == [(4242, "incident_open", "premium"), (4242, "incident_closed", "premium")]


def test_trouble_that_returns_is_told_again():
    for _ in range(2):
        assert begin("quota", NOW, until=NOW.isoformat())
        assert over("quota", NOW)
    assert [kind for _, kind, _ in told()] == ["incident_open", "incident_closed"] * 2


def test_each_service_has_an_incident_of_its_own():
    assert begin("bad_key:spotify", NOW)
    assert begin("bad_key:lastfm", NOW)
    assert [row.payload["params"]["service"] for row in Outbox.objects.order_by("pk")] == ["spotify", "lastfm"]


def test_an_incident_belongs_to_the_transaction_it_began_in():
    with transaction.atomic():
        assert begin("worker", NOW)
        transaction.set_rollback(True)
    assert (open_kinds(), told()) == (set(), [])


@pytest.mark.parametrize("chat", ["", "@me", "12x", "  "])
def test_without_a_chat_of_the_operator_the_log_is_told(settings, caplog, chat):
    settings.OPERATOR_CHAT_ID = chat
    assert begin("worker", NOW)
    assert told() == []
    assert "worker" in caplog.text
    assert "OPERATOR_CHAT_ID" in caplog.text


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_nested", [False, True])
def test_of_twenty_who_notice_together_one_opens_and_one_closes(is_nested):
    def noticed(act: Callable[[str, datetime], bool]) -> bool:
        try:
            if not is_nested:
                return act("worker", NOW)
            with transaction.atomic():
                answer = act("worker", NOW)
                # A transaction that a refused insert has broken would refuse this.
                Incident.objects.count()
                return answer
        finally:
            connection.close()

    assert sum(at_once(20, lambda: noticed(begin))) == 1
    assert sum(at_once(20, lambda: noticed(over))) == 1
    assert [kind for _, kind, _ in told()] == ["incident_open", "incident_closed"]


@pytest.mark.parametrize(
    ("service", "reason", "failures", "kind"),
    [
        ("spotify", "premium", 0, "premium"),
        ("spotify", "bad_credentials", 0, "bad_key:spotify"),
        ("lastfm", "bad_key", 0, "bad_key:lastfm"),
        ("listenbrainz", "bad_key", 0, "bad_key:listenbrainz"),
        ("spotify", "quota_exceeded", 0, "quota"),
        ("lastfm", "service_down", DOWN_FOR_LONG, "down:lastfm"),
    ],
)
def test_what_stops_everybody_is_noticed_and_its_end_too(service, reason, failures, kind):
    state = blocked(service, reason, NOW + HOUR, failures=failures)
    for minute in range(3):
        watch_services(NOW + timedelta(minutes=minute))
    assert open_kinds() == {kind}
    ServiceState.objects.filter(pk=state.pk).update(blocked_until=None, reason="", failures=0)
    watch_services(NOW + HOUR)
    assert open_kinds() == set()
    assert [kind for _, kind, _ in told()] == ["incident_open", "incident_closed"]


@pytest.mark.parametrize(
    ("service", "reason", "failures"),
    [
        ("spotify", "rate_limited", 0),
        ("spotify", "", 0),
        ("spotify", "service_down", DOWN_FOR_LONG - 1),
        ("telegram", "service_down", DOWN_FOR_LONG),  # could not be told
        ("listenbrainz_labs", "service_down", DOWN_FOR_LONG),  # nobody misses much
    ],
)
def test_what_passes_by_itself_is_nothing_to_tell(service, reason, failures):
    blocked(service, reason, NOW + HOUR, failures=failures)
    watch_services(NOW)
    assert told() == []


@pytest.mark.parametrize(
    ("service", "reason", "family", "failures"),
    [("spotify", "premium", "", 0), ("spotify", "quota_exceeded", "search", 0), ("lastfm", "service_down", "", 9)],
)
def test_a_block_that_has_run_out_is_over_when_a_call_has_gone_through(service, reason, family, failures):
    state = blocked(service, reason, NOW, family, failures)
    for later in (timedelta(minutes=-1), RECENT, 48 * HOUR):
        watch_services(NOW + later)
    assert [kind for _, kind, _ in told()] == ["incident_open"]
    ServiceState.objects.filter(pk=state.pk).update(blocked_until=None, reason="", failures=0)
    watch_services(NOW + 48 * HOUR)
    assert [kind for _, kind, _ in told()] == ["incident_open", "incident_closed"]


def test_another_block_in_its_place_is_no_proof_that_the_first_is_over():
    state = blocked("spotify", "premium", NOW)
    watch_services(NOW)
    ServiceState.objects.filter(pk=state.pk).update(reason="service_down", failures=5, blocked_until=NOW + HOUR)
    watch_services(NOW)
    assert open_kinds() == {"premium"}


def test_a_quota_that_lasts_keeps_no_other_incident_of_the_service_open():
    blocked("spotify", "quota_exceeded", NOW, family="search")
    state = blocked("spotify", "premium", NOW)
    watch_services(NOW)
    ServiceState.objects.filter(pk=state.pk).update(reason="", blocked_until=None)
    watch_services(NOW)
    assert open_kinds() == {"quota"}


def test_an_old_block_that_was_never_told_begins_nothing():
    blocked("spotify", "premium", NOW)
    watch_services(NOW + RECENT)
    assert told() == []


def test_what_goes_on_for_reasons_of_our_own_is_told_and_ended_likewise():
    for _ in range(2):
        watch_services(NOW, {"quota": {"ours": True}})
    assert Incident.objects.get(closed_at=None).params == {"ours": True}
    watch_services(NOW)
    assert open_kinds() == set()


def test_a_quota_is_told_with_the_latest_of_its_hours_and_what_it_is_for():
    blocked("spotify", "quota_exceeded", NOW + 2 * HOUR, family="search")
    blocked("spotify", "quota_exceeded", NOW + HOUR, family="playlists")
    watch_services(NOW)
    assert Incident.objects.get().params == {"until": (NOW + 2 * HOUR).isoformat(), "family": "search"}


def test_other_incidents_are_not_closed_for_services_that_are_well():
    begin("worker", NOW)
    begin("night", NOW, count=1, users=["alice"])
    watch_services(NOW)
    assert open_kinds() == {"worker", "night"}
