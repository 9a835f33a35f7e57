"""`rotate_tokens`: seals every stored token with the first of TOKEN_ENCRYPTION_KEYS, so that the others can go."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.encryption import Unreadable, reseal
from accounts.models import SpotifyAccount

SEALED = ("access_token_sealed", "refresh_token_sealed")


class Command(BaseCommand):
    help = "Seals every stored token with the first of TOKEN_ENCRYPTION_KEYS. Safe beside running workers."

    def handle(self, **_options: Any) -> None:
        unreadable = 0
        accounts = SpotifyAccount.objects.only(*SEALED)
        for account in accounts.iterator():
            try:
                for column in SEALED:
                    rotate(account, column)
            except Unreadable:
                unreadable += 1
        if unreadable:
            raise CommandError(
                _("Accounts that open with none of the keys: %(count)d. Put the older key back, or connect them again.")
                % {"count": unreadable}
            )
        self.stdout.write(_("Every token is sealed with the first key. The other keys can go."))


def rotate(account: SpotifyAccount, column: str) -> None:
    """Raises Unreadable."""
    sealed = getattr(account, column)
    if sealed:
        # A token refreshed meanwhile is sealed with the first key already, and must not be put back.
        SpotifyAccount.objects.filter(pk=account.pk, **{column: sealed}).update(**{column: reseal(sealed)})
