"""What the staff did is logged, and names nobody to whom it was done."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from accounts.models import SpotifyAccount, User

pytestmark = pytest.mark.django_db
USERS = reverse("admin:accounts_user_changelist")


@pytest.fixture
def bob() -> User:
    return User.objects.create(username="tg404canary", first_name="canary", telegram_chat_id=404)


def logged() -> set[str]:
    assert not any("canary" in f"{entry.object_repr}{entry.change_message}" for entry in LogEntry.objects.all())
    return set(LogEntry.objects.values_list("object_repr", flat=True))


def test_an_action_on_a_listener(admin_client, bob):
    admin_client.post(USERS, {"action": "let_in", "_selected_action": [bob.pk]})
    assert logged() == {f"user {bob.pk}"}


def test_a_listener_is_added_and_edited(admin_client):
    wanted = {"username": "canary", "usable_password": "false", "language": "ru", "timezone": "UTC"}
    admin_client.post(f"{USERS}add/", wanted)
    user = User.objects.get(username="canary")
    wanted |= {"playlist_mode": "fresh", "wildness": "0", "languages": "auto", "is_active": "on"}
    admin_client.post(f"{USERS}{user.pk}/change/", wanted)
    assert logged() == {f"user {user.pk}"}
    assert LogEntry.objects.count() == 2


def test_a_listener_and_his_account_are_deleted(admin_client, bob, alice):
    SpotifyAccount.objects.update(display_name="canary")
    account = SpotifyAccount.objects.get().pk
    admin_client.post(reverse("admin:accounts_spotifyaccount_delete", args=[account]), {"post": "yes"})
    chosen = {"action": "delete_selected", "_selected_action": [alice.pk, bob.pk], "post": "yes"}
    admin_client.post(USERS, chosen)
    assert logged() == {f"spotifyaccount {account}", f"user {alice.pk}", f"user {bob.pk}"}
    assert not User.objects.filter(is_staff=False).exists()
