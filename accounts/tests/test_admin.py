"""The admin of every app: complete, quick whatever the number of rows, read-only where it must be, and no tokens."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from axes.models import AccessAttempt
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Choices, Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django_q.models import Failure, OrmQ, Schedule
from django_q.signing import SignedPackage
from unfold.admin import ModelAdmin

from accounts.models import Incident, OAuthState, Outbox, SpotifyAccount, User
from botapp.models import HandledUpdate
from playlists.models import PlaylistRun, PlaylistRunTrack, RunLedger
from recommendations.identity import match_key
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


def test_every_field_and_every_choice_has_a_label_of_its_own_in_the_operators_language():
    fields = [field for model in OURS for field in model._meta.fields if not field.auto_created]
    assert [str(field) for field in fields if not isinstance(field.verbose_name, Promise)] == []
    run = PlaylistRun
    chosen_from: tuple[type[Choices], ...] = (Outbox.Status, Feedback.Kind, User.Mode, run.Status, run.Trigger)
    assert [one for choices in chosen_from for one in choices if not isinstance(one._label_, Promise)] == []


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
    many: list[type[Model]] = [*OURS, OrmQ, Failure]
    addresses = [page(model, "changelist") for model in many]
    addresses += [page(model, "change", model._default_manager.order_by("pk")[1].pk) for model in many]
    for concrete in (True, False):  # which Django looks up once a process
        ContentType.objects.get_for_models(*many, for_concrete_models=concrete)
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


def test_an_account_shows_only_marks_that_are_true_and_when_the_consent_ends(admin_client, alice):
    addresses = [page(SpotifyAccount, "changelist"), page(SpotifyAccount, "change", alice.spotify.pk)]
    marked = re.compile(r">\s*must be connected again\s*</(span|div)>")
    for address in addresses:
        shown = admin_client.get(address).text
        assert "close_small" not in shown
        assert not marked.search(shown)
        assert date_format(alice.spotify.consent_ends_at, "DATETIME_FORMAT") in shown
    SpotifyAccount.objects.update(needs_reconnect=True)
    assert all(marked.search(admin_client.get(address).text) for address in addresses)


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
    wrong = {"playlist_size": "200", "wildness": "11", "languages": "ru 40 en 90"}
    answer = admin_client.post(page(User, "change", user.pk), form | wrong)
    assert set(answer.context["adminform"].form.errors) == {"timezone", *wrong}
    assert "come to 130%, not to 100%" in str(answer.context["adminform"].form.errors["languages"])
    form |= {"timezone": "Europe/Moscow", "playlist_size": "20", "is_approved": "on"}  # see `let_in`
    form |= {"wildness": "3", "languages": "ru 40 en 60"}
    assert admin_client.post(page(User, "change", user.pk), form).status_code == 302
    user.refresh_from_db()
    assert (user.size, user.timezone, user.is_approved) == (20, "Europe/Moscow", False)
    assert (user.wildness, user.languages) == (3, "ru 40 en 60")


def test_staff_without_the_right_to_disconnect_cannot(client):
    fill(range(1))
    User.objects.create_user("helper", password="x", is_staff=True)
    client.force_login(User.objects.get(username="helper"))
    assert (
        client.post(page(SpotifyAccount, "delete", SpotifyAccount.objects.get().pk), {"post": "yes"}).status_code == 403
    )
    assert SpotifyAccount.objects.exists()


def chosen(client: Client, action: str, *users: User, **more: str) -> list[str]:
    """What the operator is told who chose an action for these."""
    form = {"action": action, "_selected_action": [user.pk for user in users], **more}
    answer = client.post(page(User, "changelist"), form, follow=True)
    assert answer.status_code == 200
    return [str(message) for message in answer.context["messages"]]


@pytest.mark.parametrize(("action", "dry_run"), [("generate", False), ("dry_run", True)])
def test_lists_are_asked_for_and_made_by_a_worker(admin_client, alice, action, dry_run):
    bob = User.objects.create_user("bob")
    assert chosen(admin_client, action, alice, bob) == [
        "Handed to a worker: alice.",
        "No Spotify account is linked: bob.",
    ]
    run = PlaylistRun.objects.get()
    assert (run.user, run.trigger, run.status, run.dry_run) == (alice, "admin", "queued", dry_run)
    assert [row.task["func"] for row in OrmQ.objects.all()] == ["playlists.tasks.run"]
    assert chosen(admin_client, action, alice) == ["Was asked for before and waits for a worker: alice."]
    assert PlaylistRun.objects.count() == OrmQ.objects.count() == 1


def test_likes_are_read_by_a_worker(admin_client, alice):
    assert chosen(admin_client, "sync", alice) == ["Handed to a worker: alice."]
    assert [row.task["args"] for row in OrmQ.objects.all()] == [(alice.pk,)]


def test_a_list_that_is_there_is_not_made_again(admin_client, alice):
    chosen(admin_client, "generate", alice)
    PlaylistRun.objects.update(status="success")
    assert chosen(admin_client, "generate", alice) == ["Today's playlist is there already: alice."]


def test_disconnecting_asks_first_and_then_deletes(admin_client, alice):
    assert chosen(admin_client, "disconnect", alice) == []
    assert SpotifyAccount.objects.exists()
    told = chosen(admin_client, "disconnect", alice, sure="yes")
    assert told == ["Disconnected, and what was read at Spotify is deleted: alice."]
    assert not SpotifyAccount.objects.exists()
    assert chosen(admin_client, "disconnect", alice, sure="yes") == ["No Spotify account is linked: alice."]
    assert [str(entry) for entry in LogEntry.objects.filter(change_message__contains="disconnect")]


def test_who_waits_is_let_in_and_told_so_once(admin_client):
    bob = User.objects.create(username="bob", telegram_chat_id=9, asked="email")
    assert chosen(admin_client, "let_in", bob) == ["Let in, and told so in the chat: bob."]
    assert chosen(admin_client, "let_in", bob) == ["Was let in before: bob."]
    bob.refresh_from_db()
    assert (bob.is_approved, bob.asked) == (True, "")
    assert list(Outbox.objects.order_by("pk").values_list("chat_id", "kind")) == [(9, "approved"), (9, "welcome_next")]


def test_who_is_turned_away_is_told_so_once_and_may_be_let_in_later(admin_client):
    bob = User.objects.create(username="bob", telegram_chat_id=9)
    told = [chosen(admin_client, action, bob) for action in ("turn_away", "turn_away", "let_in")]
    assert [words for [words] in told] == [
        "Turned away, and told so in the chat: bob.",
        "Was turned away before: bob.",
        "Let in, and told so in the chat: bob.",
    ]
    bob.refresh_from_db()
    assert (bob.is_active, bob.is_approved) == (True, True)
    said = Outbox.objects.order_by("pk").values_list("kind", "payload")
    assert next(iter(said)) == ("approve_wait", {"refused": True})


def test_turning_away_throws_out_neither_who_is_in_nor_staff(admin_client):
    bob = User.objects.create(username="bob", telegram_chat_id=9, is_approved=True)
    operator = User.objects.get(is_superuser=True)
    [told] = chosen(admin_client, "turn_away", bob, operator)
    assert told.startswith("Was let in before: ")
    assert not User.objects.filter(is_active=False).exists()
    assert not Outbox.objects.exists()


def test_no_more_than_a_hundred_are_served_at_a_time(admin_client):
    users = User.objects.bulk_create(User(username=f"listener{n}") for n in range(101))
    for action in ("generate", "disconnect"):
        assert chosen(admin_client, action, *users) == ["At most 100 at a time; nothing was done."]


def test_the_buttons_of_a_page_let_in_and_turn_away(admin_client):
    bob = User.objects.create(username="bob", telegram_chat_id=9)
    for name, column in (("turn_away_one", "is_active"), ("let_in_one", "is_approved")):
        before = getattr(bob, column)
        admin_client.post(f"{page(User, 'change', bob.pk).removesuffix('change/')}{name}/", {"_form_submitted": "on"})
        bob.refresh_from_db()
        assert getattr(bob, column) != before
    assert Outbox.objects.count() == 3


@pytest.mark.parametrize("name", ["generate_one", "dry_run_one", "sync_one", "disconnect_one"])
def test_the_buttons_of_a_page_ask_before_they_act(admin_client, client, alice, name):
    address = f"{page(User, 'change', alice.pk).removesuffix('change/')}{name}/"
    asked = admin_client.get(address).text
    assert "<form" in asked
    assert ">alice</p>" in asked
    assert (SpotifyAccount.objects.count(), OrmQ.objects.count()) == (1, 0)
    answer = admin_client.post(address, {"_form_submitted": "on"})
    assert answer.headers["HX-Refresh"] == "true"
    assert (SpotifyAccount.objects.count(), OrmQ.objects.count()) == ((0, 0) if "disconnect" in name else (1, 1))
    client.force_login(User.objects.create_user("helper", is_staff=True))
    assert client.post(address, {"_form_submitted": "on"}).status_code == 403


def test_who_may_only_look_at_users_gets_no_action(client, alice):
    helper = User.objects.create_user("helper", is_staff=True)
    helper.user_permissions.add(Permission.objects.get(codename="view_user"))
    client.force_login(helper)
    for action in ("generate", "dry_run", "sync", "let_in", "turn_away", "disconnect"):
        chosen(client, action, alice, sure="yes")
        assert f'value="{action}"' not in client.get(page(User, "changelist")).text
    assert SpotifyAccount.objects.exists()
    assert not OrmQ.objects.exists()
    assert not Outbox.objects.exists()


def test_deleting_an_account_ends_what_waited_for_it(admin_client, alice):
    OAuthState.objects.create(user=alice, token_hash="h", expires_at=NOW)
    admin_client.post(page(SpotifyAccount, "delete", alice.spotify.pk), {"post": "yes"})
    assert not OAuthState.objects.exists()
    assert not SpotifyAccount.objects.exists()


def test_tracks_are_found_by_what_has_an_index(admin_client):
    fill(range(3))
    SavedTrack.objects.filter(account__account_id="account1").update(match_key=match_key("Artist", "Song 1"))
    for term, found in (
        ("listener2", ["t2"]),
        ("t0", ["t0"]),
        ("Artist - Song 1", ["t1"]),
        ("Nobody - Nothing", []),
        ("%", []),
    ):
        shown = admin_client.get(page(SavedTrack, "changelist"), {"q": term}).context["cl"].queryset
        assert [one.spotify_track_id for one in shown] == found, term


def test_a_long_list_counts_no_further_than_it_turns_pages(admin_client, monkeypatch):
    fill(range(3))
    monkeypatch.setattr("vibe.clients.admin.MOST", 2)
    answer = admin_client.get(page(SavedTrack, "changelist"))
    assert "more than 2" in answer.text
    assert answer.context["cl"].result_count == 2


def test_the_policy_is_wider_for_the_theme_and_nowhere_else(client, admin_client):
    theirs = {
        name: set(values)
        for name, *values in map(str.split, admin_client.get("/admin/").headers["Content-Security-Policy"].split(";"))
    }
    ours = client.get("/health").headers["Content-Security-Policy"]
    assert theirs["script-src"] == {"'self'", "'unsafe-eval'"}
    assert theirs["style-src"] == {"'self'", "'unsafe-inline'"}
    assert (theirs["default-src"], theirs["connect-src"], theirs["font-src"]) == ({"'none'"}, {"'self'"}, {"'self'"})
    assert "unsafe" not in ours
    assert "script-src" not in ours
