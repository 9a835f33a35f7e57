"""What Spotify says to this app, and to one listener of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import SpotifyAccount, User
from accounts.spotify_auth import scopes as scopes_needed
from accounts.tokens import client_for
from playlists.budget import LEAST_CALLS
from vibe.clients import quota, spotify_oauth
from vibe.clients.errors import INSTALLATION, NeedsReconnect, ServiceError
from vibe.clients.http import told_date
from vibe.clients.models import ServiceState
from vibe.clients.spotify import SpotifyClient
from vibe.clients.spotify_errors import SPOTIFY
from vibe.doctor import trouble
from vibe.doctor.exam import Exam
from vibe.doctor.rows import Finding, Skipped, mend, note, ok

SOON = timedelta(days=30)
OWN_ROW = ("premium", "not_registered")  # of the first call's failures


def credentials(exam: Exam) -> Iterator[Finding]:
    try:
        exam.app = SpotifyClient(spotify_oauth.app_token(exam.meter), exam.meter)
    finally:
        if at := told_date():
            exam.skews[SPOTIFY] = (exam.clock() - at).total_seconds()
    exam.lift(SPOTIFY, "bad_credentials")
    yield ok(_("Spotify takes them"))


def blocks(exam: Exam) -> Iterator[Finding]:
    now = exam.clock()
    # The others are asked anew by the rows that follow.
    blocked = ServiceState.objects.filter(service=SPOTIFY, blocked_until__gt=now).exclude(reason__in=INSTALLATION)
    found = [_block(state) for state in blocked.order_by("family")]
    yield from found or [ok(_("Spotify asks for no pause"))]


def _block(state: ServiceState) -> Finding:
    until = f"{state.blocked_until:%Y-%m-%d %H:%M} UTC"
    return mend(
        _("paused until {until}: {what} ({reason})").format(
            until=until, what=state.family or _("everything"), reason=state.reason or _("by an operator")
        ),
        _("Wait. If you know that it is over, clear the block in the admin, under Service states."),
    )


def calls_left(exam: Exam) -> Iterator[Finding]:
    left = quota.left(exam.clock())
    if not left:
        yield ok(_("no ceiling is set"))
    elif left[quota.TOTAL] < LEAST_CALLS:
        free = quota.frees_at(exam.clock(), LEAST_CALLS)
        yield mend(
            _("calls left: {left} of the day's {all}").format(left=max(left[quota.TOTAL], 0), all=_ceiling()),
            _("Wait until {until}, or raise SPOTIFY_DAILY_CALLS if Spotify grants you more.").format(
                until=f"{free:%Y-%m-%d %H:%M} UTC"
            ),
        )
    else:
        yield ok(_("calls left: {left} of the day's {all}").format(left=left[quota.TOTAL], all=_ceiling()))


def _ceiling() -> int:
    return quota.ceilings()[quota.TOTAL]


def account(exam: Exam) -> Iterator[Finding]:
    refused: ServiceError | None = None
    try:
        candidates = _candidates(exam.user)
    except User.DoesNotExist:
        found = _("there is no user {user}").format(user=exam.user)
        yield mend(found, _("Name a primary key, tg:<telegram id> or @name."))
        return
    for one in candidates:
        try:
            exam.listener = client_for(one, exam.clock, exam.meter)
        except NeedsReconnect as error:
            refused = error
            continue
        exam.account = one
        yield ok(_("asked as {who}").format(who=one.user))
        return
    if refused:
        yield trouble.of(refused)
    else:
        yield note(
            _("nobody has connected Spotify yet; the app itself is asked instead, as far as it may"),
            _("Begin: write /start to your bot, or run manage.py connect --user @name --create."),
        )


def _candidates(user: str) -> list[SpotifyAccount]:
    linked = SpotifyAccount.objects.filter(pending=False).select_related("user").order_by("needs_reconnect", "pk")
    return list(linked.filter(user=User.objects.find(user)) if user else linked)


def scopes(exam: Exam) -> Iterator[Finding]:
    granted = set(_account(exam).scopes.split())
    missing = [scope for scope in scopes_needed() if scope not in granted]
    if missing:
        yield mend(_("not granted: {scopes}").format(scopes=", ".join(missing)), str(trouble.RECONNECT))
    else:
        yield ok(_("all that is needed is granted"))


def consent(exam: Exam) -> Iterator[Finding]:
    ends = _account(exam).consent_ends_at
    found = _("ends on {day}").format(day=f"{ends:%Y-%m-%d}")
    if ends - exam.clock() < SOON:
        yield mend(found, _("Let the listener connect Spotify again before: /connect begins another six months."))
    else:
        yield ok(found)


def me(exam: Exam) -> Iterator[Finding]:
    _account(exam)
    error = exam.first_call
    if error and error.code in OWN_ROW:
        raise Skipped(_("see the next rows"))
    if error:
        raise error
    yield ok(_("answers"))


def premium(exam: Exam) -> Iterator[Finding]:
    error = exam.first_call
    if error and error.code == "premium":
        yield trouble.of(error)
        return
    if error and error.code not in OWN_ROW:
        raise Skipped(_("Spotify did not come to say so"))
    exam.lift(SPOTIFY, "premium")
    yield ok(_("Spotify serves the app"))


def allow_list(exam: Exam) -> Iterator[Finding]:
    if exam.listener is None:
        yield note(
            _("Spotify tells it only when a listener connects"),
            _("Add each listener's name and e-mail on the dashboard: your app, Settings, User Management."),
        )
        return
    error = exam.first_call
    if error and error.code == "not_registered":
        yield trouble.of(error)
    elif error:
        raise Skipped(_("Spotify did not come to say so"))
    else:
        yield ok(_("{who} is on it").format(who=_account(exam).user))


def likes(exam: Exam) -> Iterator[Finding]:
    yield ok(_("liked tracks: {count}").format(count=_listener(exam).saved_page(0).total))


def plays(exam: Exam) -> Iterator[Finding]:
    yield ok(_("recent plays: {count}").format(count=len(_listener(exam).recently_played())))


def playlists(exam: Exam) -> Iterator[Finding]:
    found = _listener(exam).my_playlists()
    own = [one for one in found if one.owner_id == _account(exam).spotify_user_id]
    if not own:
        yield ok(_("playlists: {count}").format(count=len(found)))
        return
    held = len(_listener(exam).playlist_uris(own[0].id))
    yield ok(_("playlists: {count}; tracks in the first of his own: {held}").format(count=len(found), held=held))


def _listener(exam: Exam) -> SpotifyClient:
    if exam.listener is None:
        raise Skipped(_("nobody has connected Spotify yet"))
    return exam.listener


def _account(exam: Exam) -> SpotifyAccount:
    if exam.account is None:
        raise Skipped(_("nobody has connected Spotify yet"))
    return exam.account


def listeners(exam: Exam) -> Iterator[Finding]:
    """For every kind of door: who is in, who waits, and how to begin."""
    linked = SpotifyAccount.objects.filter(pending=False).count()
    seats = 5 if settings.SPOTIFY_DAILY_CALLS else 0
    if seats and linked > seats:
        yield mend(
            _("connected: {count}, where Spotify admits {seats} to such an app").format(count=linked, seats=seats),
            _("Disconnect some, or write SPOTIFY_DAILY_CALLS=0 if your app has extended quota."),
        )
    elif not linked:
        yield note(
            _("nobody is connected yet"),
            _("Begin: write /start to your bot, or run manage.py connect --user @name --create."),
        )
    elif seats:
        yield ok(_("places taken: {count} of {seats}").format(count=linked, seats=seats))
    else:
        yield ok(_("connected: {count}").format(count=linked))
    again = SpotifyAccount.objects.filter(pending=False, needs_reconnect=True).count()
    if again:
        yield note(_("must connect again: {count}").format(count=again), str(trouble.RECONNECT))
    asking = User.objects.filter(is_active=True, is_approved=False, is_staff=False, telegram_chat_id__isnull=False)
    if not settings.BOT_OPEN and (waiting := asking.count()):
        yield note(
            _("waiting to be let in: {count}").format(count=waiting),
            _("Press the button below the bot's message in the operator's chat, or see Users in the admin."),
        )
