"""What can be told of this installation by looking at home: settings, addresses, database, disk, zones of time."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from accounts.encryption import Unreadable, reseal
from accounts.models import SpotifyAccount, User
from vibe import cached
from vibe.checks import LOOPBACK
from vibe.clients.models import Heartbeat
from vibe.database import MEMORY
from vibe.doctor.exam import Exam
from vibe.doctor.rows import Finding, Skipped, mend, note, ok

# Whose row a system check's finding is shown in; all others are `settings`.
ROW_OF = {
    "vibe.E004": "tokens", "vibe.E005": "tokens",
    "vibe.E012": "address", "vibe.E013": "address",
    "vibe.E014": "redirect", "vibe.E015": "redirect", "vibe.E016": "redirect", "vibe.E017": "redirect",
    "vibe.E019": "cache",
    "vibe.E025": "database", "vibe.E028": "database", "vibe.W003": "database",
    "vibe.W001": "spotify_credentials", "vibe.W002": "spotify_credentials",
    "vibe.E007": "telegram_token", "vibe.E024": "operator", "vibe.W004": "operator",
    "vibe.E029": "telegram_updates", "vibe.E030": "telegram_updates",
}  # fmt: skip
LEAST_FREE = 500 * 1024**2  # bytes
MOUNTS = Path("/proc/mounts")
# SQLite's write-ahead log needs memory shared by all processes, which a network has not.
FAR = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "ceph", "fuse.glusterfs"}


def complaints(exam: Exam, row: str) -> Iterator[Finding]:
    """What is known of a row before anything is tried: the system checks' findings that belong to it."""
    for one in exam.complaints:
        if ROW_OF.get(str(one.id), "settings") == row:
            yield mend(f"{one.msg} ({one.id})", one.hint or _("See manage.py check."))
    # No system check says so: an installation is made before its bot.
    if row == "telegram_token" and not settings.TELEGRAM_BOT_TOKEN:
        yield mend(_("there is no bot"), _("Write /newbot to @BotFather, and his token as TELEGRAM_BOT_TOKEN."))


def configuration(exam: Exam) -> Iterator[Finding]:
    if exam.checks_failed:
        raise exam.checks_failed
    yield ok(_("the settings make sense"))


def secrets_file(_exam: Exam) -> Iterator[Finding]:
    file = Path(settings.ENV_FILE)
    if not file.is_file():
        yield note(_("there is no such file; the settings come from the environment"))
    elif file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield mend(_("others on this machine may read {file}").format(file=file), f"chmod 600 {file}")
    else:
        yield ok(_("only its owner may read {file}").format(file=file))


def debug(_exam: Exam) -> Iterator[Finding]:
    if settings.DEBUG:
        yield mend(_("on: its pages show settings to everybody"), _("Delete the line DEBUG, then start again."))
    else:
        yield ok(_("off"))


def address(_exam: Exam) -> Iterator[Finding]:
    url = settings.PUBLIC_URL
    if settings.HTTPS:
        yield ok(_("{url}: any phone that reaches it can connect Spotify there").format(url=url))
    elif urlsplit(url).hostname in LOOPBACK:
        yield note(
            _("{url} is this machine alone: a phone can't open it").format(url=url),
            _("Listeners paste the address they landed on into the chat with the bot; see docs/go-live.md."),
        )
    else:
        yield mend(
            _("{url} is neither https nor this machine: Spotify refuses it").format(url=url),
            _("Put https before it (docs/go-live.md), or write http://127.0.0.1:8000 in PUBLIC_URL."),
        )


def redirect(_exam: Exam) -> Iterator[Finding]:
    uri = settings.SPOTIFY_REDIRECT_URI
    yield note(
        _("{uri} keeps Spotify's rules; whether it is registered only a browser can tell").format(uri=uri),
        _("Register exactly this address on the dashboard of your app: {uri}").format(uri=uri),
    )


def database(exam: Exam) -> Iterator[Finding]:
    try:
        kind = _kind()
        with transaction.atomic():
            Heartbeat.objects.create(name="doctor", at=exam.clock())
            transaction.set_rollback(True)
    except DatabaseError as error:
        if _is_older():
            yield ok(kind)  # its tables are for the next row
        else:
            remedy = _("See that DATABASE_URL or DB_PATH is right, the server runs and its disk has room.")
            yield mend(_("nothing can be written ({kind})").format(kind=type(error).__name__), remedy)
    else:
        yield ok(kind) if kind else _no_log()


def _is_older() -> bool:
    """Whether there are tables missing; False where not even that can be told."""
    try:
        return Heartbeat._meta.db_table not in connection.introspection.table_names()
    except DatabaseError:
        return False


def _kind() -> str:
    """The database in words; "" for SQLite without its write-ahead log. Raises DatabaseError."""
    connection.ensure_connection()
    if connection.vendor != "sqlite":
        version = getattr(connection, "pg_version", 0)
        return f"PostgreSQL {version // 10000}.{version % 10000}"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        mode = cursor.fetchone()[0]
    return f"SQLite ({mode})" if mode in ("wal", "memory") else ""


def _no_log() -> Finding:
    return mend(
        _("SQLite has no write-ahead log here: writers will meet “database is locked”"),
        _("Put the file on a disk of this machine (DB_PATH), or use PostgreSQL."),
    )


def migrations(_exam: Exam) -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        found = _("not applied: {count}, first of all {name}").format(count=len(missing), name=missing[0][0])
        yield mend(found, "manage.py migrate")
    else:
        yield ok(_("all applied"))


def disk(_exam: Exam) -> Iterator[Finding]:
    name = str(settings.DATABASES["default"]["NAME"])
    is_file = connection.vendor == "sqlite" and name != MEMORY
    path = Path(name).resolve() if is_file else Path(settings.BASE_DIR, "any")
    folder = next(one for one in path.parents if one.is_dir())  # that it is another one is the database's row
    free = shutil.disk_usage(folder).free
    told = _("{gigabytes} GB free at {folder}").format(gigabytes=round(free / 1024**3, 1), folder=folder)
    if is_file and _file_system(folder) in FAR:
        found = _("{folder} is a folder of the network, where SQLite loses data").format(folder=folder)
        yield mend(found, _("Put the file on a disk of this machine (DB_PATH), or use PostgreSQL."))
    elif free < LEAST_FREE:
        yield mend(told, _("Make room: less than half a gigabyte is too little for a night."))
    else:
        yield ok(told)


def shared_cache(_exam: Exam) -> Iterator[Finding]:
    if not settings.REDIS_URL:
        yield ok(_("in the memory of each process"))
        return
    try:
        cache.set("doctor", "well", 60)
        is_kept = cache.get("doctor") == "well"
    except cached.trouble() as error:
        remedy = _("See that Redis runs and REDIS_URL is right; or delete the line, and each process has a cache.")
        yield mend(_("Redis can't be used ({kind})").format(kind=type(error).__name__), remedy)
        return
    if is_kept:
        yield ok(_("Redis keeps what it is given"))
    else:
        yield mend(_("Redis loses what it is given"), _("Give it more memory (maxmemory)."))


def _file_system(folder: Path) -> str:
    """The kind of the one that the folder is on; "" where this system does not tell."""
    if not MOUNTS.is_file():
        return ""
    mounted = (line.split() for line in MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines())
    kinds = {Path(where.replace("\\040", " ")): kind for _what, where, kind, *_rest in mounted}
    return next((kinds[one] for one in (folder, *folder.parents) if one in kinds), "")


def tokens(_exam: Exam) -> Iterator[Finding]:
    linked = SpotifyAccount.objects.filter(pending=False, needs_reconnect=False)
    sealed = list(linked.values_list("access_token_sealed", "refresh_token_sealed"))
    closed = sum(not _opens(*pair) for pair in sealed)
    if closed:
        yield mend(
            _("connections that these keys don't open: {count} of {all}").format(count=closed, all=len(sealed)),
            _("Put the older key back, behind the new one: TOKEN_ENCRYPTION_KEYS=new,old; then rotate_tokens."),
        )
    else:
        yield ok(_("the keys open every connection: {all}").format(all=len(sealed)))


def _opens(*sealed: str) -> bool:
    try:
        return all(reseal(one) for one in sealed if one)
    except Unreadable:
        return False


def zones(_exam: Exam) -> Iterator[Finding]:
    known = available_timezones()
    if len(known) < 100:
        yield mend(_("this machine knows no time zones"), "pip install tzdata")
        return
    strange = sorted(set(User.objects.values_list("timezone", flat=True).distinct()) - known)
    if strange:
        yield mend(
            _("listeners live in zones that nobody knows, and are served by UTC: {names}").format(
                names=", ".join(strange[:5])
            ),
            _("Write another zone for them in the admin, or let them send /timezone."),
        )
    else:
        yield ok(_("zones known: {count}").format(count=len(known)))


def clock(exam: Exam) -> Iterator[Finding]:
    """By the Date of answers that other rows have had."""
    if not exam.skews:
        raise Skipped(_("nobody told the time"))
    service, seconds = max(exam.skews.items(), key=lambda told: abs(told[1]))
    found = _("{seconds} s beside the clock of {service}").format(seconds=round(seconds), service=service.capitalize())
    remedy = _("Switch on this machine's time synchronisation (timedatectl set-ntp true).")
    if abs(seconds) > 60:
        yield mend(found, remedy)
    elif abs(seconds) > 5:
        yield note(found, remedy)
    else:
        yield ok(_("as others tell it"))
