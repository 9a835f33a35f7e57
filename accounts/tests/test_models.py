from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from accounts.models import SpotifyAccount, User

NOW = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)


def account(**fields: Any) -> SpotifyAccount:
    return SpotifyAccount(expires_at=NOW, **{"authorized_at": NOW, **fields})


@pytest.mark.parametrize(
    ("consent", "end"),
    [
        (datetime(2026, 1, 15, 12, tzinfo=UTC), datetime(2026, 7, 15, 12, tzinfo=UTC)),
        (datetime(2026, 8, 31, tzinfo=UTC), datetime(2027, 2, 28, tzinfo=UTC)),
        (datetime(2027, 8, 30, tzinfo=UTC), datetime(2028, 2, 29, tzinfo=UTC)),
        (datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)),
        (datetime(2026, 12, 31, tzinfo=UTC), datetime(2027, 6, 30, tzinfo=UTC)),
    ],
)
def test_a_consent_ends_six_calendar_months_later(consent, end):
    assert account(authorized_at=consent).consent_ends_at == end


@pytest.mark.parametrize(
    ("zone", "local"),
    [
        ("Europe/Moscow", date(2026, 11, 23)),
        ("America/New_York", date(2026, 11, 22)),
        ("Mars/Olympus", date(2026, 11, 22)),
        ("../../etc/passwd", date(2026, 11, 22)),
        ("", date(2026, 11, 22)),
    ],
)
def test_the_local_date_follows_the_zone_and_falls_back_on_utc(zone, local):
    assert User(timezone=zone).local_date(NOW) == local


@pytest.mark.django_db
def test_an_unknown_zone_is_refused_by_the_form():
    with pytest.raises(ValidationError) as caught:
        User(username="alice", password="x", timezone="Mars/Olympus").full_clean()
    assert list(caught.value.message_dict) == ["timezone"]
    User(username="alice", password="x", timezone="Europe/Moscow").full_clean()


def test_size_and_ratio_are_the_users_wish_or_the_installations_default(settings):
    settings.DEFAULT_PLAYLIST_SIZE, settings.MIN_NEW_RATIO = 42, 0.7
    assert (User().size, User().ratio) == (42, 0.7)
    wishes = User(playlist_size=1, min_new_ratio=0.0)
    assert (wishes.size, wishes.ratio) == (1, 0.0)


@pytest.mark.django_db
@pytest.mark.parametrize("fields", [{"playlist_size": 0}, {"playlist_size": 101}, {"min_new_ratio": 1.1}])
def test_the_database_itself_refuses_a_wish_out_of_range(fields):
    with pytest.raises(IntegrityError):
        User.objects.create(username="alice", **fields)


@pytest.mark.django_db
def test_a_user_is_found_by_key_telegram_id_and_either_name():
    alice = User.objects.create(username="tg77", telegram_chat_id=77, telegram_username="Alice")
    bob = User.objects.create(username="bob")
    assert User.objects.find(str(alice.pk)) == alice
    assert User.objects.find("tg:77") == alice
    assert User.objects.find("@alice") == alice
    assert User.objects.find("@BOB") == bob


@pytest.mark.django_db
@pytest.mark.parametrize("spec", ["", "@", "@nobody", "tg:", "tg:x", "tg:--7", "tg:999", "alice", "²", "9" * 40, "-1"])
def test_what_names_nobody_finds_nobody(spec):
    User.objects.create(username="alice")
    with pytest.raises(User.DoesNotExist):
        User.objects.find(spec)


@pytest.mark.django_db
def test_a_new_listener_has_no_password_and_is_found_again():
    for spec, username in [("@carol", "carol"), ("tg:55", "tg55")]:
        listener = User.objects.listener(spec)
        assert listener.username == username
        assert not listener.has_usable_password()
        assert User.objects.find(spec) == listener


@pytest.mark.django_db
@pytest.mark.parametrize("spec", ["", "@", "7", "carol", "@two words", "tg:x", "@taken", "@" + "x" * 200])
def test_a_listener_without_a_good_name_is_not_made(spec):
    User.objects.create(username="taken")
    with pytest.raises(ValidationError):
        User.objects.listener(spec)
    assert User.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("pending", [True, False])
def test_a_user_has_one_linked_account_and_one_pending_one(pending):
    alice = User.objects.create(username="alice")
    account(user=alice, account_id="a", pending=True).save()
    account(user=alice, account_id="b", pending=False).save()
    assert alice.spotify is not None
    assert alice.spotify.account_id == "b"
    with pytest.raises(IntegrityError):
        account(user=alice, account_id="c", pending=pending).save()


@pytest.mark.django_db
def test_a_spotify_account_is_linked_to_one_user_only():
    alice, bob = User.objects.create(username="alice"), User.objects.create(username="bob")
    account(user=alice, account_id="same", pending=False).save()
    account(user=bob, account_id="same", pending=True).save()
    with pytest.raises(IntegrityError):
        SpotifyAccount.objects.filter(user=bob).update(pending=False)


def test_one_six_month_consent_is_longer_than_180_days():
    assert account().consent_ends_at - NOW > timedelta(days=180)
