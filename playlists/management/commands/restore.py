from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation
from django.utils.translation import gettext

from accounts.models import SpotifyAccount
from accounts.tokens import client_for
from playlists import notes
from playlists.models import PlaylistRun
from playlists.request import AlreadyRunning
from playlists.restore import NothingToRestore, Restored, restore
from vibe.clients import limiter
from vibe.clients.errors import RateLimited, ServiceError


class Command(BaseCommand):
    help = "Gives the playlist of an earlier run back, from the database."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--run", type=int, required=True, metavar="ID", help="the run's number")

    def handle(self, **options: Any) -> None:
        run = PlaylistRun.objects.select_related("user").filter(pk=options["run"]).first()
        if run is None:
            raise CommandError(gettext("There is no run {run}.").format(run=options["run"]), returncode=2)
        account = run.user.spotify
        if account is None:
            command = f"manage.py connect --user {run.user_id}"
            raise CommandError(gettext("Spotify is not connected. Run: {command}").format(command=command))
        try:
            self.tell(run, self.restored(run, account))
        except NothingToRestore as nothing:
            raise CommandError(refusal(run, nothing.code)) from None
        except AlreadyRunning:
            raise CommandError(gettext("another run is under way; ask again when it has ended.")) from None
        except ServiceError as error:
            raise CommandError(trouble(run, error)) from None

    def restored(self, run: PlaylistRun, account: SpotifyAccount) -> Restored:
        meter = limiter.opened(timezone.now)
        try:
            # The name and the description are the listener's to read.
            with translation.override(run.user.language):
                return restore(run, client_for(account, timezone.now, meter), timezone.now)
        finally:
            limiter.store(meter)

    def tell(self, run: PlaylistRun, done: Restored) -> None:
        sentence = (
            gettext("The {count} tracks of {day} are in a new playlist, {name}: {url}")
            if done.is_new
            else gettext("The {count} tracks of {day} are in {name} again: {url}")
        )
        shown = {"count": done.tracks, "day": run.day, "name": done.playlist.name, "url": done.playlist.url}
        self.stdout.write(sentence.format(**shown))


def refusal(run: PlaylistRun, code: str) -> str:
    if code == "there":
        return gettext("The playlist of run {run} is in the library: {url}").format(run=run.pk, url=run.playlist_url)
    return gettext("Run {run} made no playlist, so there is nothing to restore.").format(run=run.pk)


def trouble(run: PlaylistRun, error: ServiceError) -> str:
    if isinstance(error, RateLimited):  # nothing goes on by itself here
        until = f"{error.until.astimezone(run.user.zone):%Y-%m-%d %H:%M %Z}"
        return gettext("Spotify takes no calls of ours until {until}. Ask again after that.").format(until=until)
    return notes.sentence(error.code, {"status": error.status})
