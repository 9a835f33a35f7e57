from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
import responses
from cryptography.fernet import Fernet
from django.db import connection

from accounts.encryption import Unreadable, unseal
from accounts.models import Outbox, SpotifyAccount, User
from accounts.reconnect import needs_link_key, say_needs_link
from accounts.spotify_auth import activate
from accounts.tests.spotify import ME_URL, NOW, TOKEN_URL, answer_token, linked_account, token_calls
from accounts.tokens import LEASE, POLLS, client_for, token_for
from vibe.clients.errors import NeedsReconnect, RateLimited, ServiceError
from vibe.clients.meter import Meter
from vibe.clients.types import Clock

pytestmark = pytest.mark.django_db
SOON = NOW + timedelta(hours=1)


def at(moment: datetime) -> Clock:
    return lambda: moment


def no_sleep(_seconds: float) -> None:
    raise AssertionError("nobody else refreshes here")


def ask(account: SpotifyAccount, now: datetime = NOW, **options: Any) -> str:
    return token_for(account, at(now), Meter(at(now)), **{"sleep": no_sleep, **options})


def stored(account: SpotifyAccount, kind: str) -> str:
    account.refresh_from_db()
    return unseal(f"{account.user_id}/{account.account_id}/{kind}", getattr(account, f"{kind}_token_sealed"))


@pytest.fixture
def account() -> SpotifyAccount:
    return linked_account(User.objects.create(username="alice"))


@responses.activate
def test_a_token_good_for_another_minute_costs_no_call(account):
    account.expires_at = NOW + timedelta(seconds=60)
    account.save()
    assert ask(account) == "old-access"
    assert not token_calls()


@responses.activate
def test_a_token_with_less_than_a_minute_left_is_refreshed(account):
    account.expires_at = NOW + timedelta(seconds=59)
    account.save()
    answer_token(access_token="new-access", refresh_token=None, scope="user-library-read")
    assert ask(account) == "new-access"
    account.refresh_from_db()
    assert account.expires_at == SOON
    assert account.scopes == "user-library-read"
    assert account.refreshing_until is None
    assert parse_qs(token_calls()[0]) == {"grant_type": ["refresh_token"], "refresh_token": ["old-refresh"]}
    assert ask(account) == "new-access"
    assert len(token_calls()) == 1


@pytest.mark.parametrize(("sent", "kept"), [(None, "old-refresh"), ("", "old-refresh"), ("rotated", "rotated")])
@responses.activate
def test_the_refresh_token_is_kept_unless_a_new_one_came(account, sent, kept):
    answer_token(access_token="new-access", refresh_token=sent)
    assert ask(account) == "new-access"
    assert stored(account, "refresh") == kept


@responses.activate
def test_an_answer_without_scopes_leaves_the_granted_ones(account):
    granted = account.scopes
    answer_token(scope=None)
    ask(account)
    account.refresh_from_db()
    assert account.scopes == granted


@responses.activate
def test_an_ended_consent_drops_the_tokens_and_is_never_asked_for_again(account):
    responses.post(TOKEN_URL, json={"error": "invalid_grant", "error_description": "Refresh token revoked"}, status=400)
    for _ in range(3):
        with pytest.raises(NeedsReconnect):
            ask(account)
    assert len(token_calls()) == 1
    account.refresh_from_db()
    assert account.needs_reconnect
    assert account.access_token_sealed == account.refresh_token_sealed == ""
    assert account.refreshing_until is None


def told() -> list[tuple[str, int, str, int | None]]:
    return [(row.key, row.chat_id, row.payload["code"], row.message_id) for row in Outbox.objects.order_by("pk")]


@pytest.fixture
def chatting(account) -> SpotifyAccount:
    User.objects.update(telegram_chat_id=7)
    return SpotifyAccount.objects.get(pk=account.pk)


@pytest.mark.parametrize(("months", "code"), [(5, "needs_reconnect"), (6, "consent_ended")])
@responses.activate
def test_whoever_finds_a_consent_ended_tells_the_listener_once(chatting, months, code):
    responses.post(TOKEN_URL, json={"error": "invalid_grant"}, status=400)
    SpotifyAccount.objects.update(authorized_at=NOW.replace(month=NOW.month - months))
    for _ in range(2):
        with pytest.raises(NeedsReconnect):
            ask(chatting)
    chatting.refresh_from_db()
    assert told() == [(needs_link_key(chatting), 7, code, None)]


@responses.activate
def test_a_newer_consent_is_not_told_of_as_lost(chatting):
    def answer(_request: Any) -> tuple[int, dict[str, str], str]:
        activate(linked_account(chatting.user, pending=True, expires_at=SOON))
        return 400, {}, '{"error": "invalid_grant"}'

    responses.add_callback("POST", TOKEN_URL, answer)
    assert ask(chatting) == "old-access"
    assert told() == []


def test_who_waits_for_an_answer_gets_the_word_of_the_lost_consent_in_the_place_of_all_others(chatting):
    say_needs_link(chatting, {"code": "needs_reconnect"})
    say_needs_link(chatting, {"code": "consent_ended"}, own_key="run:1:1:needs_link")
    say_needs_link(chatting, {"code": "needs_reconnect"})
    assert list(Outbox.objects.order_by("pk").values_list("key", "status")) == [
        (needs_link_key(chatting), "dead"), ("run:1:1:needs_link", "pending"),
    ]  # fmt: skip


def test_who_waits_is_answered_even_where_the_word_is_out_already(chatting):
    say_needs_link(chatting, {"code": "needs_reconnect"})
    Outbox.objects.update(status=Outbox.Status.SENT, message_id=54)
    for _ in range(2):
        say_needs_link(chatting, {"code": "needs_reconnect"}, own_key="run:1:1:needs_link")
        say_needs_link(chatting, {"code": "needs_reconnect"})
    assert [row[0] for row in told()] == [needs_link_key(chatting), "run:1:1:needs_link"]
    assert list(Outbox.objects.order_by("pk").values_list("status", flat=True)) == ["sent", "pending"]


def test_the_next_consent_that_ends_is_told_again(chatting):
    say_needs_link(chatting, {"code": "needs_reconnect"})
    chatting.authorized_at += timedelta(days=1)
    say_needs_link(chatting, {"code": "needs_reconnect"})
    assert len(told()) == 2


@pytest.mark.parametrize("columns", [{"telegram_chat_id": None}, {"is_bot_blocked": True}])
def test_nobody_is_told_who_cannot_be_reached(chatting, columns):
    User.objects.update(**columns)
    say_needs_link(SpotifyAccount.objects.get(), {"code": "needs_reconnect"})
    assert told() == []


@pytest.mark.parametrize(("months", "code"), [(5, "needs_reconnect"), (6, "consent_ended")])
@responses.activate
def test_an_ended_consent_says_whether_its_six_months_were_over(account, months, code):
    responses.post(TOKEN_URL, json={"error": "invalid_grant"}, status=400)
    SpotifyAccount.objects.update(authorized_at=NOW.replace(month=NOW.month - months))
    with pytest.raises(NeedsReconnect) as caught:
        ask(account)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (502, "<html>bad gateway</html>", "unavailable"),
        (200, "not json", "malformed"),
        (400, '{"error": "invalid_client"}', "bad_credentials"),
    ],
)
@responses.activate
def test_a_failure_that_is_not_the_users_leaves_the_account_as_it_was(account, status, body, code):
    responses.post(TOKEN_URL, body=body, status=status)
    with pytest.raises(ServiceError) as caught:
        ask(account)
    assert caught.value.code == code
    account.refresh_from_db()
    assert account.refreshing_until is None
    assert not account.needs_reconnect
    responses.reset()
    answer_token(access_token="new-access")
    assert ask(account) == "new-access"


@responses.activate
def test_a_limit_is_passed_on_and_remembered(account):
    responses.post(TOKEN_URL, status=429, headers={"Retry-After": "600"})
    meter = Meter(at(NOW))
    for _ in range(2):
        with pytest.raises(RateLimited) as caught:
            token_for(account, at(NOW), meter)
        assert caught.value.until == NOW + timedelta(seconds=600)
    assert len(token_calls()) == 1


@responses.activate
def test_who_comes_second_waits_for_the_first_ones_token(account):
    SpotifyAccount.objects.update(refreshing_until=NOW + LEASE)
    other = linked_account(User.objects.create(username="bob"), "other")
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            SpotifyAccount.objects.filter(pk=account.pk).update(expires_at=SOON, refreshing_until=None)

    assert ask(account, sleep=sleep) == "old-access"
    assert len(waits) == 3
    assert not token_calls()
    other.refresh_from_db()
    assert other.expires_at == NOW


@responses.activate
def test_who_waits_learns_that_the_consent_has_ended(account):
    SpotifyAccount.objects.update(refreshing_until=NOW + LEASE)
    with pytest.raises(NeedsReconnect):
        ask(account, sleep=lambda _: SpotifyAccount.objects.update(needs_reconnect=True))
    assert not token_calls()


@responses.activate
def test_who_waits_tries_itself_when_the_first_one_has_failed(account):
    answer_token(access_token="new-access")
    SpotifyAccount.objects.update(refreshing_until=NOW + LEASE)
    assert ask(account, sleep=lambda _: SpotifyAccount.objects.update(refreshing_until=None)) == "new-access"


@responses.activate
def test_who_read_the_row_before_another_refreshed_it_does_not_refresh_again(account):
    rotated = {"old-refresh": "second-refresh", "second-refresh": "third-refresh"}

    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        fresh = rotated.pop(parse_qs(request.body)["refresh_token"][0], None)
        if fresh is None:  # a refresh token that was rotated away ends the consent
            return 400, {}, '{"error": "invalid_grant"}'
        return 200, {}, json.dumps({"access_token": f"with-{fresh}", "refresh_token": fresh, "expires_in": 3600})

    responses.add_callback("POST", TOKEN_URL, answer)
    others: list[str] = []

    def clock() -> datetime:
        if not others:  # asked for the first time just after the row was read
            others.append("")
            others[0] = ask(SpotifyAccount.objects.get())
        return NOW

    assert token_for(account, clock, Meter(at(NOW)), sleep=lambda _: None) == "with-second-refresh"
    assert others == ["with-second-refresh"]
    assert len(token_calls()) == 1
    account.refresh_from_db()
    assert not account.needs_reconnect


@responses.activate
def test_the_wait_has_an_end(account):
    SpotifyAccount.objects.update(refreshing_until=NOW + LEASE)
    waits: list[float] = []
    with pytest.raises(ServiceError, match="refresh_busy") as caught:
        ask(account, sleep=waits.append)
    assert not caught.value.permanent
    assert len(waits) == POLLS
    assert sum(waits) > LEASE.total_seconds()


@responses.activate
def test_the_lease_of_a_dead_process_is_taken_over_when_it_ends(account):
    SpotifyAccount.objects.update(refreshing_until=NOW)
    answer_token(access_token="new-access")
    assert ask(account) == "new-access"


def during_the_call(then: Callable[[], object]) -> None:
    def answer(_request: Any) -> tuple[int, dict[str, str], str]:
        then()
        return 200, {}, '{"access_token": "from-older-consent", "refresh_token": "older", "expires_in": 3600}'

    responses.add_callback("POST", TOKEN_URL, answer)


@responses.activate
def test_a_newer_consent_is_not_overwritten_by_an_older_refresh(account):
    def consent_again() -> None:
        activate(linked_account(account.user, pending=True, expires_at=SOON))

    during_the_call(consent_again)
    assert ask(account) == "old-access"
    assert stored(account, "refresh") == "old-refresh"


@pytest.mark.django_db(transaction=True)
@responses.activate
def test_no_transaction_is_open_during_the_call():
    account = linked_account(User.objects.create(username="alice"))
    seen: list[bool] = []
    during_the_call(lambda: seen.append(connection.in_atomic_block))
    ask(account)
    assert seen == [False]


@responses.activate
def test_an_account_without_a_refresh_token_has_to_be_connected_again(account):
    SpotifyAccount.objects.update(refresh_token_sealed="")
    with pytest.raises(NeedsReconnect):
        ask(account)
    account.refresh_from_db()
    assert account.needs_reconnect


@responses.activate
def test_tokens_swapped_between_two_rows_are_refused(account):
    bob = linked_account(User.objects.create(username="bob"), "bob-account", expires_at=SOON)
    SpotifyAccount.objects.filter(pk=bob.pk).update(access_token_sealed=account.access_token_sealed)
    with pytest.raises(Unreadable) as caught:
        ask(bob)
    assert caught.value.code == "token_wrong_owner"


@responses.activate
def test_a_lost_key_is_the_operators_trouble_not_an_ended_consent(account, settings):
    settings.TOKEN_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(Unreadable) as caught:
        ask(account)
    assert caught.value.code == "token_wrong_key"
    account.refresh_from_db()
    assert not account.needs_reconnect


@responses.activate
def test_a_client_whose_token_spotify_refuses_gets_another_one_once(account):
    SpotifyAccount.objects.update(expires_at=SOON)
    answer_token(access_token="new-access", refresh_token=None)
    responses.get(ME_URL, status=401, json={"error": {"status": 401, "message": "The access token expired"}})
    responses.get(ME_URL, json={"id": "a", "account_id": "alice-account"})
    assert client_for(account, at(NOW), Meter(at(NOW))).me().account_id == "alice-account"
    assert [call.request.headers["Authorization"] for call in responses.calls if call.request.url == ME_URL] == [
        "Bearer old-access",
        "Bearer new-access",
    ]
    assert len(token_calls()) == 1


@responses.activate
def test_a_client_takes_the_token_another_process_has_already_renewed(account):
    SpotifyAccount.objects.update(expires_at=SOON)
    client = client_for(account, at(NOW), Meter(at(NOW)))
    answer_token(access_token="new-access", refresh_token=None)
    ask(account, failed="old-access")
    client.renew()
    assert len(token_calls()) == 1
    responses.get(ME_URL, json={"id": "a", "account_id": "alice-account"})
    client.me()
    assert responses.calls[-1].request.headers["Authorization"] == "Bearer new-access"


@pytest.mark.parametrize(("own", "sent"), [("FR", "FR"), ("", "DE")])
@responses.activate
def test_a_client_asks_for_the_accounts_own_market(account, settings, own, sent):
    settings.SPOTIFY_DEFAULT_MARKET = "DE"
    SpotifyAccount.objects.update(expires_at=SOON, market=own)
    responses.get(ME_URL.replace("me/", "search"), json={"tracks": {"items": []}})
    client_for(account, at(NOW), Meter(at(NOW))).search_tracks("q")
    assert f"market={sent}" in str(responses.calls[-1].request.url)


@responses.activate
def test_moments_are_aware_and_in_utc(account):
    answer_token()
    ask(account, datetime(2026, 11, 22, 12, tzinfo=UTC))
    account.refresh_from_db()
    assert account.expires_at.tzinfo is UTC
    assert account.expires_at == SOON
