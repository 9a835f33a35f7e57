"""Everything about a listener is deleted, after a question, and nothing of anybody else."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from accounts import incidents
from accounts.models import Incident, Outbox, User
from accounts.spotify_auth import begin_link
from botapp.models import HandledUpdate
from botapp.tests.listener import presses, says, shown
from botapp.tests.playlist import ODD, liked, listener, made, remembered, stranger

OURS = ["accounts", "recommendations", "playlists"]


@pytest.fixture
def user(alice, settings):
    settings.OPERATOR_CHAT_ID = "99"
    user = listener(alice)
    liked(user, "Band", "Song")
    remembered(user, "id", "Band", "Other")
    made(user, 3)
    begin_link(user, timezone.now(), 7)
    says(7, "/like 1")
    return user


def rows() -> dict[str, int]:
    models = [model for label in OURS for model in apps.get_app_config(label).get_models()]
    return {model.__name__: count for model in models if (count := model._default_manager.count())}


def test_nothing_goes_before_the_button_is_pressed(user):
    before = rows()
    says(7, "/forget")
    presses(7, "No")
    for odd in (*ODD, "yes"):
        assert says(7, f"/forget {odd}")[0].payload["state"] == "sure"
    assert {name: count for name, count in rows().items() if name != "Outbox"} == {
        name: count for name, count in before.items() if name != "Outbox"
    }


def test_the_good_bye_alone_stays_and_says_nothing_of_him(user):
    says(7, "/forget")
    (bye,) = presses(7, "Yes, delete everything")
    assert rows() == {"Outbox": 1}
    assert Outbox.objects.get().payload == {"language": "en", "refused": False}
    assert bye.edits
    assert "Everything about you is deleted" in bye.html


def test_the_good_bye_is_in_his_language(user, settings):
    listener(user, language="ru")
    presses(7, "forget:yes")
    assert Outbox.objects.get().payload == {"language": "ru", "refused": False}


def test_what_the_operator_was_told_of_him_goes_too(user, settings):
    say_of = {"chat_id": 99, "kind": "approve_request"}
    Outbox.objects.create(**say_of, key=f"approve:{user.pk}:1", payload={"user": user.pk, "name": "Alice"})
    Outbox.objects.create(**say_of, key="update:5:0", payload={"user": user.pk, "name": "Alice"})
    Outbox.objects.create(**say_of, key="update:6:0", payload={"user": user.pk + 1, "name": "Bob"})
    incidents.begin("night", timezone.now(), night="2026-11-23", count=2, users=["alice", "bob"])
    presses(7, "forget:yes")
    assert Incident.objects.get().params["users"] == ["bob"]
    told = Outbox.objects.filter(chat_id=99).order_by("pk")
    assert [row.payload.get("user", row.payload.get("params", {}).get("users")) for row in told] == [
        user.pk + 1,
        ["bob"],
    ]
    assert not any("lice" in str(row.payload) for row in told)


def test_what_the_staff_did_for_him_goes_too(user, admin_client):
    bob = stranger()
    chosen = {"action": "let_in", "_selected_action": [user.pk, bob.pk]}
    admin_client.post("/admin/accounts/user/", chosen)
    assert LogEntry.objects.count() == 2
    presses(7, "forget:yes")
    assert LogEntry.objects.get().object_id == str(bob.pk)


def test_nobody_else_loses_anything(user):
    bob = stranger()
    made(bob, 3)
    says(8, "/why")
    presses(7, "forget:yes")
    assert User.objects.get() == bob
    assert bob.runs.count() == 1
    assert [message.kind for message in shown(8)] == ["why"]


def test_pressing_twice_leaves_nobody_behind(user):
    presses(7, "forget:yes")
    (bye,) = presses(7, "forget:yes")
    assert bye.kind == "forget_done"
    assert rows() == {"Outbox": 1}


def test_who_was_not_let_in_may_be_forgotten_too(user):
    listener(user)
    User.objects.update(is_approved=False)
    says(7, "/forget")
    presses(7, "Yes, delete everything")
    assert not User.objects.exists()


@pytest.mark.parametrize("is_open", [True, False])
@pytest.mark.parametrize("was_approved", [True, False])
def test_being_forgotten_is_no_way_back_in(user, settings, is_open, was_approved):
    settings.BOT_OPEN = is_open
    listener(user, language="ru", first_name="Alice")
    User.objects.update(is_active=False, is_approved=was_approved)
    for _twice in range(2):
        (bye,) = presses(7, "forget:yes")
        assert bye.payload == {"language": bye.payload["language"], "refused": True}
        assert rows() == {"Outbox": 1, "User": 1}
    left = User.objects.get()
    assert (left.telegram_chat_id, left.is_active, left.is_approved, left.language) == (7, False, False, "en")
    assert not left.has_usable_password()
    (answer,) = says(7, "/start", name="Alice")
    assert "did not let you in" in answer.html
    assert says(7, "/generate")[0].kind == "waiting"
    left = User.objects.get()
    assert (left.first_name, left.last_name, left.telegram_username, left.username) == ("", "", "", "tg7")


def test_the_good_bye_of_one_turned_away_is_in_his_language_and_says_what_stays(user):
    listener(user, language="en")
    User.objects.update(is_active=False)
    (bye,) = presses(7, "forget:yes")
    assert "The number of this chat stays too" in bye.html
    assert "send /start" not in bye.html
    User.objects.update(language="ru")
    presses(7, "forget:yes")
    assert Outbox.objects.get().payload["language"] == "ru"


@pytest.mark.parametrize("right", ["is_staff", "is_superuser"])
def test_who_looks_after_the_installation_is_sent_to_the_admin(user, right):
    listener(user, **{right: True})
    assert says(7, "/forget")[0].payload["state"] == "staff"
    assert presses(7, "forget:yes")[0].payload["state"] == "staff"
    assert User.objects.exists()


def test_updates_are_remembered_by_number_alone(user):
    presses(7, "forget:yes")
    assert {field.name for field in HandledUpdate._meta.get_fields()} == {"update_id", "handled_at"}
