"""The admin of every app: complete, quick whatever the number of rows, read-only where it must be, and no tokens."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from axes.models import AccessAttempt
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_q.models import Failure, OrmQ, Schedule
from django_q.signing import SignedPackage
from unfold.admin import ModelAdmin

from accounts.models import Incident, OAuthState, Outbox, SpotifyAccount, User
from botapp.models import HandledUpdate
from playlists.models import PlaylistRun, PlaylistRunTrack, RunLedger
from recommendations.models import (
    Feedback,
    LibraryState,
    Play,
    RecommendationHistory,
    ResolvedTrack,
    SavedTrack,
    SourceCache,
)
from vibe.clients.models import ApiUsage, Heartbeat, ServiceState

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
OURS = [
    model
    for label in ("accounts", "recommendations", "playlists", "botapp", "clients")
    for model in apps.get_app_config(label).get_models()
]
THEIRS = [Schedule, OrmQ, Failure, AccessAttempt, Group]
READ_ONLY = {
    *(PlaylistRun, PlaylistRunTrack, RunLedger, RecommendationHistory, SavedTrack, Play, LibraryState),
    *(OAuthState, Outbox, Incident, HandledUpdate, ApiUsage, Heartbeat, ServiceState),
    *(Schedule, OrmQ, Failure),
}


def fill(numbers: range) -> None:
    """A row of every model for each number, each with a user, an account and a run of its own."""
    for n in numbers:
        user = User.objects.create(username=f"listener{n}", telegram_chat_id=n + 1)
        account = SpotifyAccount.objects.create(
            user=user,
            account_id=f"account{n}",
            display_name=f"Listener {n}",
            access_token_sealed="canary-access",
            refresh_token_sealed="canary-refresh",
            confirm_hash="canary-confirm",
            expires_at=NOW,
            authorized_at=NOW,
            pending=False,
        )
        fill_account(account, n)
        fill_run(user, n)
        OAuthState.objects.create(user=user, token_hash=f"canary-{n}", expires_at=NOW)
        Incident.objects.create(kind=f"kind{n}", opened_at=NOW)
        Outbox.objects.create(key=f"key{n}", chat_id=n, kind="done")
        HandledUpdate.objects.create(update_id=n, handled_at=NOW)
        ResolvedTrack.objects.create(match_key=f"key{n}", expires_at=NOW)
        SourceCache.objects.create(source="lastfm", key=f"key{n}", answer=[], expires_at=NOW)
        ServiceState.objects.create(service="spotify", family=f"family{n}")
        ApiUsage.objects.create(service="spotify", family=f"family{n}", hour=NOW)
        Heartbeat.objects.create(name=f"worker{n}", at=NOW)
        OrmQ.objects.create(key="manual", payload=SignedPackage.dumps({"func": "f", "args": (n,)}), lock=NOW)
        Failure.objects.create(id=f"{n:032}", name=f"failed{n}", func="f", started=NOW, stopped=NOW, success=False)


def fill_account(account: SpotifyAccount, n: int) -> None:
    track = {"spotify_track_id": f"t{n}", "match_key": f"key{n}", "name": f"Song {n}", "artists": [["a", "Artist"]]}
    SavedTrack.objects.create(account=account, added_at=NOW, seen_at=NOW, **track)
    Play.objects.create(account=account, played_at=NOW, **track)
    LibraryState.objects.create(account=account)
    Feedback.objects.create(account=account, kind="like", artist_key="a", name=f"Song {n}", created_at=NOW)
    RecommendationHistory.objects.create(
        account=account, spotify_track_id="t", match_key="k", first_recommended_at=NOW, last_recommended_at=NOW
    )


def fill_run(user: User, n: int) -> None:
    run = PlaylistRun.objects.create(
        user=user,
        trigger="shell",
        day=date(2026, 1, 1) + timedelta(days=n),
        status="failed",
        error_code="timeout",
        lease_token="canary-lease",
        size_asked=30,
        min_new_ratio=0.8,
        created_at=NOW,
    )
    for position in range(1, 4):
        PlaylistRunTrack.objects.create(
            run=run, position=position, spotify_track_id="t", name="Song", artists="Artist", source="liked"
        )
    RunLedger.objects.create(run=run, body=RunLedger.pack({"candidates": [], "canary": []}))


def page(model: type[Model], kind: str, *arguments: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{kind}", args=arguments)


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_every_model_has_an_admin_of_the_theme():
    assert set(admin.site._registry) == {*OURS, *THEIRS}
    assert all(isinstance(one, ModelAdmin) for one in admin.site._registry.values())


def test_the_sidebar_leads_to_every_list_that_one_may_see(admin_client, client):
    fill(range(1))
    shown = admin_client.get("/admin/").text
    lists = {reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") for model in OURS + THEIRS}
    assert {address for address in lists if f'href="{address}"' not in shown} == set()
    client.force_login(User.objects.create_user("helper", is_staff=True))
    shown = client.get("/admin/").text
    assert {address for address in lists if f'href="{address}"' in shown} == set()


def test_a_list_and_a_page_need_as_many_queries_for_thirty_rows_as_for_three(admin_client):
    fill(range(3))
    many = [*OURS, OrmQ, Failure]
    addresses = [page(model, "changelist") for model in many]
    addresses += [page(model, "change", model._default_manager.order_by("pk")[1].pk) for model in many]
    for address in addresses:
        admin_client.get(address)  # what Django looks up once a process
    few = {address: queries(admin_client, address) for address in addresses}
    fill(range(3, 30))
    assert {address: queries(admin_client, address) for address in addresses} == few


def test_no_token_is_shown(admin_client):
    fill(range(1))
    for model in OURS:
        key = model._default_manager.order_by("pk")[0].pk
        for address in (page(model, "changelist"), page(model, "change", key), page(model, "history", key)):
            answer = admin_client.get(address, follow=True)
            assert answer.status_code == 200
            assert "canary" not in answer.text, address


@pytest.mark.parametrize("model", sorted(READ_ONLY, key=str))
def test_what_the_program_writes_nobody_edits(admin_client, model):
    fill(range(1))
    row = model._default_manager.order_by("pk").first()
    assert admin_client.get(page(model, "add")).status_code == 403
    for kind in ("change", "delete"):
        assert admin_client.post(page(model, kind, row.pk), {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    admin_client.post(page(model, "changelist"), chosen)
    assert model._default_manager.filter(pk=row.pk).exists()
    assert "delete_selected" not in admin_client.get(page(model, "changelist")).text


def test_an_account_is_not_edited_but_deleting_it_disconnects_with_all_that_hangs_on_it(admin_client):
    fill(range(2))
    account = SpotifyAccount.objects.get(account_id="account0")
    assert admin_client.get(page(SpotifyAccount, "add")).status_code == 403
    assert admin_client.post(page(SpotifyAccount, "change", account.pk), {"market": "DE"}).status_code == 403
    asked = admin_client.get(page(SpotifyAccount, "delete", account.pk)).text
    assert "Song 0" not in asked  # ten thousand likes would make a page nobody can load
    assert "Saved tracks: 1" in asked
    admin_client.post(page(SpotifyAccount, "delete", account.pk), {"post": "yes"})
    assert list(SavedTrack.objects.values_list("account__account_id", flat=True)) == ["account1"]
    assert User.objects.filter(username="listener0").exists()


def test_deleting_a_user_takes_the_runs_along(admin_client):
    fill(range(2))
    admin_client.post(page(User, "delete", User.objects.get(username="listener0").pk), {"post": "yes"})
    assert PlaylistRun.objects.get().user.username == "listener1"


def test_a_listener_is_edited_within_the_limits(admin_client):
    fill(range(1))
    user = User.objects.get(username="listener0")
    form = {"username": "listener0", "language": "ru", "timezone": "Mars/Olympus", "playlist_mode": "fresh"}
    answer = admin_client.post(page(User, "change", user.pk), {**form, "playlist_size": "200"})
    assert set(answer.context["adminform"].form.errors) == {"timezone", "playlist_size"}
    form |= {"timezone": "Europe/Moscow", "playlist_size": "20", "is_approved": "on"}
    assert admin_client.post(page(User, "change", user.pk), form).status_code == 302
    user.refresh_from_db()
    assert (user.size, user.timezone, user.is_approved) == (20, "Europe/Moscow", True)


def test_staff_without_the_right_to_disconnect_cannot(client):
    fill(range(1))
    User.objects.create_user("helper", password="x", is_staff=True)
    client.force_login(User.objects.get(username="helper"))
    assert (
        client.post(page(SpotifyAccount, "delete", SpotifyAccount.objects.get().pk), {"post": "yes"}).status_code == 403
    )
    assert SpotifyAccount.objects.exists()
