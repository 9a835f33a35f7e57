"""A listener is warned before his consent at Spotify runs out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from accounts.consent import warn
from accounts.models import Outbox, SpotifyAccount

END = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def consent(alice):
    account = alice.spotify
    account.authorized_at = datetime(2026, 5, 23, 12, tzinfo=UTC)
    account.save()
    assert account.consent_ends_at == END
    return account


@pytest.mark.parametrize(("days", "told"), [(30, 0), (29, 1), (9, 1), (-1, 0)])
def test_in_the_last_thirty_days_and_in_the_last_ten(consent, days, told):
    assert warn(END - timedelta(days=days, hours=1)) == told


def test_each_warning_is_said_once(consent):
    days = [warn(END - timedelta(days=left)) for left in (31, 30, 29, 15, 10, 9, 1)]
    assert sum(days) == 2
    assert [message.payload["days"] for message in Outbox.objects.order_by("pk")] == [29, 9]


def test_a_new_consent_is_warned_about_anew(consent):
    warn(END - timedelta(days=20))
    SpotifyAccount.objects.update(authorized_at=END - timedelta(days=20))
    assert warn(END) == 0
    SpotifyAccount.objects.update(authorized_at=datetime(2026, 8, 23, 12, tzinfo=UTC))
    assert warn(datetime(2027, 2, 13, 12, tzinfo=UTC)) == 1


def test_who_has_to_connect_again_anyway_or_blocked_the_bot_is_left_alone(consent):
    SpotifyAccount.objects.update(needs_reconnect=True)
    assert warn(END - timedelta(days=2)) == 0
