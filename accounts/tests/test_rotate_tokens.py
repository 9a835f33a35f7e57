from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from accounts.encryption import Unreadable, seal, unseal
from accounts.management.commands.rotate_tokens import rotate
from accounts.models import SpotifyAccount, User
from accounts.tests.spotify import linked_account

pytestmark = pytest.mark.django_db
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture
def account(settings) -> SpotifyAccount:
    settings.TOKEN_ENCRYPTION_KEYS = [OLD]
    return linked_account(User.objects.create(username="alice"))


def test_afterwards_the_first_key_opens_everything(account, settings, capsys):
    linked_account(User.objects.create(username="bob"), "bob", access_token_sealed="", refresh_token_sealed="")
    settings.TOKEN_ENCRYPTION_KEYS = [NEW, OLD]
    call_command("rotate_tokens")
    assert "The other keys can go" in capsys.readouterr().out
    settings.TOKEN_ENCRYPTION_KEYS = [NEW]
    account.refresh_from_db()
    owner = f"{account.user_id}/{account.account_id}"
    assert unseal(f"{owner}/access", account.access_token_sealed) == "old-access"
    assert unseal(f"{owner}/refresh", account.refresh_token_sealed) == "old-refresh"


def test_what_no_key_opens_is_left_and_reported_and_the_rest_is_done(account, settings):
    settings.TOKEN_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    lost = linked_account(User.objects.create(username="bob"), "bob")
    settings.TOKEN_ENCRYPTION_KEYS = [NEW, OLD]
    with pytest.raises(CommandError, match="none of the keys: 1"):
        call_command("rotate_tokens")
    before = lost.access_token_sealed
    lost.refresh_from_db()
    assert lost.access_token_sealed == before
    settings.TOKEN_ENCRYPTION_KEYS = [NEW]
    account.refresh_from_db()
    assert unseal(f"{account.user_id}/{account.account_id}/access", account.access_token_sealed) == "old-access"


def test_a_token_refreshed_meanwhile_is_not_put_back(account, settings):
    settings.TOKEN_ENCRYPTION_KEYS = [NEW, OLD]
    owner = f"{account.user_id}/{account.account_id}/access"
    SpotifyAccount.objects.update(access_token_sealed=seal(owner, "newer"))
    rotate(account, "access_token_sealed")
    account.refresh_from_db()
    assert unseal(owner, account.access_token_sealed) == "newer"


def test_rows_that_somebody_swapped_open_for_nobody_afterwards_either(account, settings):
    bob = linked_account(User.objects.create(username="bob"), "bob")
    SpotifyAccount.objects.filter(pk=account.pk).update(access_token_sealed=bob.access_token_sealed)
    settings.TOKEN_ENCRYPTION_KEYS = [NEW, OLD]
    call_command("rotate_tokens")
    account.refresh_from_db()
    with pytest.raises(Unreadable):
        unseal(f"{account.user_id}/{account.account_id}/access", account.access_token_sealed)
