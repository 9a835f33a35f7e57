"""`connect --user @alice`: the shell's door to linking Spotify."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.spotify_auth import begin_link


class Command(BaseCommand):
    help = "Prints a link, good once and for ten minutes, that connects a user's Spotify account."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", required=True, metavar="SPEC", help="a number, @name or tg:<telegram id>")
        parser.add_argument("--create", action="store_true", help="make the user where there is none")
        other = parser.add_mutually_exclusive_group()
        other.add_argument(
            "--keep",
            action="store_true",
            default=None,
            help="in place of another Spotify account: keep what he was given, played and said",
        )
        other.add_argument(
            "--clear", action="store_true", help="in place of another Spotify account: delete what is known of it"
        )

    def handle(self, *, user: str, create: bool, keep: bool | None, clear: bool, **_options: Any) -> None:
        if not settings.SPOTIFY_CLIENT_ID or not settings.SPOTIFY_CLIENT_SECRET:
            raise CommandError(
                _(
                    "SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET are not both set; see https://developer.spotify.com/dashboard."
                )
            )
        listener = _listener(user, create=create)
        self.stderr.write(_("Open this link within ten minutes, in a browser that reaches this service:"))
        self.stdout.write(begin_link(listener, timezone.now(), keep=False if clear else keep))


def _listener(spec: str, *, create: bool) -> User:
    try:
        return User.objects.find(spec)
    except User.DoesNotExist:
        if not create:
            raise CommandError(_("There is no user %(spec)s; --create makes one.") % {"spec": spec}) from None
    try:
        return User.objects.listener(spec)
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from None
