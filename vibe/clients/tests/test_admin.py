from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import Permission
from django.urls import reverse

from vibe.clients import quota, spotify
from vibe.clients.admin import GROUPS
from vibe.clients.models import ApiUsage, Heartbeat, ServiceState
from vibe.clients.tests.conftest import NOW

pytestmark = pytest.mark.django_db


def test_an_operator_sees_blocks_usage_and_heartbeats(admin_client):
    ServiceState.objects.create(service="spotify", blocked_until=NOW, reason="quota_exceeded")
    ApiUsage.objects.create(service="lastfm", family="top_tracks", hour=NOW, calls=41)
    Heartbeat.objects.create(name="worker-7", at=NOW)
    for model, shown in (("servicestate", "quota_exceeded"), ("apiusage", "41"), ("heartbeat", "worker-7")):
        assert shown in admin_client.get(reverse(f"admin:clients_{model}_changelist")).content.decode()


def test_every_family_of_calls_to_spotify_has_words():
    asked = re.findall(r"self\._ask(?:_capability)?\(\s*\"(\w+)\"", Path(spotify.__file__).read_text(encoding="utf-8"))
    assert len(set(asked)) > 8
    assert {quota.group(family) for family in asked} | set(quota.CEILINGS) == set(GROUPS)


def test_routes_are_told_in_words(admin_client):
    known = {
        "artist_top_tracks": {"alive": False, "probed": "2026-11-05"},
        "x": {"alive": True, "probed": "2026-11-06"},
    }
    ServiceState.objects.create(service="spotify", capabilities=known)
    told = "favourites of an artist: removed, tried on Nov. 5, 2026; x: alive, tried on Nov. 6, 2026"
    state = ServiceState.objects.get()
    for name, arguments in (("changelist", []), ("change", [state.pk])):
        assert told in admin_client.get(reverse(f"admin:clients_servicestate_{name}", args=arguments)).text


@pytest.mark.parametrize("model", ["apiusage", "heartbeat"])
def test_what_was_measured_cannot_be_edited(admin_client, model):
    row = (
        ApiUsage.objects.create(service="lastfm", family="top_tracks", hour=NOW, calls=41)
        if model == "apiusage"
        else Heartbeat.objects.create(name="worker-7", at=NOW)
    )
    change = reverse(f"admin:clients_{model}_change", args=[row.pk])
    assert admin_client.get(reverse(f"admin:clients_{model}_add")).status_code == 403
    assert admin_client.post(change, {"calls": 0, "name": "x"}).status_code == 403
    assert (
        admin_client.post(reverse(f"admin:clients_{model}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    )


def test_an_operator_may_lift_a_block(admin_client):
    state = ServiceState.objects.create(service="spotify", blocked_until=NOW, reason="service_down", failures=7)
    other = ServiceState.objects.create(service="lastfm", blocked_until=NOW, reason="rate_limited")
    form = {"action": "clear_block", ACTION_CHECKBOX_NAME: [state.pk]}
    for said in ("1 block cleared.", "Nothing was blocked."):
        answer = admin_client.post(reverse("admin:clients_servicestate_changelist"), form, follow=True)
        assert [str(message) for message in answer.context["messages"]] == [said]
    state.refresh_from_db()
    other.refresh_from_db()
    assert (state.blocked_until, state.reason, state.failures, other.blocked_until) == (None, "", 0, NOW)


def test_who_may_only_look_lifts_no_block(client, django_user_model):
    state = ServiceState.objects.create(service="spotify", blocked_until=NOW, reason="service_down")
    helper = django_user_model.objects.create_user("helper", is_staff=True)
    helper.user_permissions.add(Permission.objects.get(codename="view_servicestate"))
    client.force_login(helper)
    for name in ("clear_block", "probe_again"):
        form = {"action": name, ACTION_CHECKBOX_NAME: [state.pk]}
        answer = client.post(reverse("admin:clients_servicestate_changelist"), form, follow=True)
        assert name not in answer.text
    state.refresh_from_db()
    assert state.blocked_until == NOW


def test_an_operator_may_have_removed_routes_probed_again(admin_client):
    known = {"recommendations": {"alive": False, "probed": "2026-11-20"}}
    state = ServiceState.objects.create(service="spotify", capabilities=known)
    form = {"action": "probe_again", ACTION_CHECKBOX_NAME: [state.pk]}
    admin_client.post(reverse("admin:clients_servicestate_changelist"), form)
    state.refresh_from_db()
    assert state.capabilities == {}
