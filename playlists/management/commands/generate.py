from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext, ngettext, ngettext_lazy
from rich.console import Console

from accounts import mix
from accounts.models import User
from playlists import night, notes, terminal, wishes
from playlists.generate import generate
from playlists.models import PlaylistRun
from playlists.request import AlreadyRunning, NotConnected, TooManyToday
from playlists.results import as_json
from recommendations.steering import one_line

LEFT_OUT = {
    "done": ngettext_lazy(
        "%(count)d user has had today's run already", "%(count)d users have had today's run already", "count"
    ),
    "off": ngettext_lazy(
        "%(count)d user has the night switched off", "%(count)d users have the night switched off", "count"
    ),
    "not_linked": ngettext_lazy(
        "%(count)d user is not connected to Spotify", "%(count)d users are not connected to Spotify", "count"
    ),
    "blocked": ngettext_lazy("%(count)d user has blocked the bot", "%(count)d users have blocked the bot", "count"),
}


class Refused(CommandError):
    """Nothing is begun; with --json this is one object too, for which argparse would leave no room."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence, returncode=2)
        self.code = code


def size(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 100:
        raise Refused("usage", "--size: a whole number from 1 to 100 is needed")
    return int(text)


def ratio(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise Refused("usage", "--min-new-ratio: a number from 0 to 1 is needed, for example 0.8")
    return value


def wildness(text: str) -> int:
    if not text.isdecimal() or int(text) > 10:
        raise Refused("usage", "--wild: a whole number from 0 to 10 is needed")
    return int(text)


def languages(text: str) -> str:
    try:
        return mix.read(text)
    except mix.Unreadable as wrong:
        raise Refused("usage", f"--languages: {mix.sentence(wrong)}") from None


def wish(text: str) -> str:
    words = one_line(text)
    if code := wishes.refused(words):
        raise Refused(code, notes.sentence(code, {"words": words}))
    return words


READ: dict[str, Callable[[str], Any]] = {
    "size": size, "min_new_ratio": ratio, "wild": wildness, "languages": languages, "like": wish,
}  # fmt: skip


def read(options: Mapping[str, Any]) -> dict[str, Any]:
    """The wishes among them that were given. Raises Refused."""
    return {name: reader(options[name]) for name, reader in READ.items() if options[name] is not None}


def nothing(user: str, code: str, sentence: str) -> dict[str, Any]:
    return {"run": None, "tracks": [], "error": {"user": user, "code": code, "notes": sentence}}


class Command(BaseCommand):
    help = "Makes today's playlist for one user, or for every linked user one by one."

    def add_arguments(self, parser: CommandParser) -> None:
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("--user", metavar="USER", help="primary key, tg:<telegram id> or @name")
        who.add_argument("--all", action="store_true", help="every linked user, inline unless --queue")
        parser.add_argument("--queue", action="store_true", help="with --all: by the workers, for all who have a night")
        parser.add_argument("--dry-run", action="store_true", help="write nothing at Spotify or in the history")
        parser.add_argument("--force", action="store_true", help="again, although today's playlist is there")
        parser.add_argument("--size", help="tracks, 1 to 100")
        parser.add_argument("--min-new-ratio", help="share of new tracks, 0 to 1")
        parser.add_argument("--wild", help="0 (closest to the listener's taste) to 10")
        parser.add_argument("--languages", metavar="MIX", help='auto, off or shares: "ru 40 en 50 other 10"')
        parser.add_argument("--like", metavar="WISH", help='for this list alone: "calm jazz", "by Kino"')
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, **options: Any) -> None:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        try:
            self.generate({**options, **read(options)})
        except Refused as error:
            if options["json"]:
                self.stdout.write(
                    json.dumps(nothing(options["user"] or "", error.code, str(error)), ensure_ascii=False)
                )
            raise
        except KeyboardInterrupt:
            self.complain(gettext("Interrupted. Ask again to go on."))
            sys.exit(130)

    def generate(self, options: dict[str, Any]) -> None:
        if options["queue"]:
            self.enqueue(options)
            return
        users = self.users(options)
        console = Console(quiet=options["json"])
        if not users:
            self.complain(gettext("Nobody has connected Spotify. Run: manage.py connect --user @name --create"))
        results = [self.one(user, options, console) for user in users]
        if options["json"]:
            shown = {"runs": results} if options["all"] else results[0]
            self.stdout.write(json.dumps(shown, ensure_ascii=False, indent=2))
        if any(not result["run"] or result["run"]["status"] != PlaylistRun.Status.SUCCESS for result in results):
            sys.exit(1)

    def enqueue(self, options: dict[str, Any]) -> None:
        """Leaves everybody's playlist of today to the workers, and says how many that are."""
        overrides = (options[name] is not None for name in ("size", "min_new_ratio", "wild", "languages", "like"))
        if not options["all"] or options["dry_run"] or options["force"] or any(overrides):
            raise Refused(
                "usage",
                "--queue goes with --all, and without --dry-run, --force, --size, --min-new-ratio, --wild,"
                " --languages and --like.",
            )
        runs, counts = night.enqueue_all(timezone.now(), PlaylistRun.Trigger.SHELL)
        queued = len(runs)
        if options["json"]:
            self.stdout.write(json.dumps({"queued": queued, "skipped": counts}, indent=2))
            return
        told = ngettext("%(count)d playlist is queued.", "%(count)d playlists are queued.", queued) % {"count": queued}
        left_out = ", ".join(str(LEFT_OUT[why] % {"count": count}) for why, count in counts.items() if count)
        if left_out:
            told += " " + gettext("Left out: {who}.").format(who=left_out)
        self.stdout.write(told)

    def users(self, options: dict[str, Any]) -> list[User]:
        if options["all"]:
            return list(User.objects.filter(spotify_accounts__pending=False).order_by("pk"))
        try:
            return [User.objects.find(options["user"])]
        except User.DoesNotExist:
            told = f"No user {options['user']!r}. Name a primary key, tg:<telegram id> or @name."
            raise Refused("no_user", told) from None

    def one(self, user: User, options: dict[str, Any], console: Console) -> dict[str, Any]:
        """The result as JSON has it, after it was shown."""
        try:
            with terminal.watching(console) as progress:
                run = generate(
                    user,
                    trigger=PlaylistRun.Trigger.SHELL,
                    clock=timezone.now,
                    force=options["force"],
                    dry_run=options["dry_run"],
                    size=options["size"],
                    min_new_ratio=options["min_new_ratio"],
                    wildness=options["wild"],
                    languages=options["languages"],
                    steer=options["like"] or "",
                    progress=progress,
                )
        except NotConnected:
            command = f"manage.py connect --user {user.pk}"
            return self.refuse(
                user, "not_connected", gettext("Spotify is not connected. Run: {command}").format(command=command)
            )
        except AlreadyRunning:
            return self.refuse(
                user, "already_running", gettext("another run is under way; ask again when it has ended.")
            )
        except TooManyToday as error:
            sentence = gettext("{limit} playlists were asked for today; the limit is MANUAL_RUNS_A_DAY.")
            return self.refuse(user, "too_many_today", sentence.format(limit=error.limit))
        match run.status:
            case PlaylistRun.Status.SUCCESS:
                if options["all"]:
                    console.rule(str(user))
                terminal.show(console, run)
            case PlaylistRun.Status.RUNNING:
                self.complain(gettext("{user}: another process took this run over.").format(user=user))
            case _:
                self.complain(gettext("{user}, run {run}: {notes}").format(user=user, run=run.pk, notes=run.notes))
        return as_json(run)

    def refuse(self, user: User, code: str, sentence: str) -> dict[str, Any]:
        self.complain(f"{user}: {sentence}")
        return nothing(user.username, code, sentence)

    def complain(self, line: str) -> None:
        self.stderr.write(line)
