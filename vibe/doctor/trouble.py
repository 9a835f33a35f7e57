"""A call that failed, in the operator's words: what happened, and what to do."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vibe.clients.errors import RateLimited, ServiceError
from vibe.clients.services import NAMES
from vibe.doctor.rows import Finding, mend

AGAIN = gettext_lazy("Try again in some minutes. If it stays so, look whether this machine reaches the internet.")
RECONNECT = gettext_lazy("Let the listener connect Spotify again: /connect in the chat, or manage.py connect --user.")
SAYS = {
    "timeout": (gettext_lazy("{service} did not answer in time"), AGAIN),
    "connection": (gettext_lazy("{service} can't be reached"), AGAIN),
    "unavailable": (gettext_lazy("{service} has a fault of its own ({status})"), AGAIN),
    "malformed": (gettext_lazy("{service} answered what nobody can read"), AGAIN),
    "forbidden": (
        gettext_lazy("{service} refuses this to the app"),
        gettext_lazy("See on the dashboard that the app has the Web API switched on; nothing else is known to help."),
    ),
    "not_found": (
        gettext_lazy("{service} knows nothing of it"),
        gettext_lazy("Look whether the address in the settings is right."),
    ),
    "bad_request": (
        gettext_lazy("{service} does not take the request"),
        gettext_lazy("Update Daily Vibe; this is a fault of ours."),
    ),
    "rate_limited": (
        gettext_lazy("{service} asks us to wait until {until}"),
        gettext_lazy("Wait; what is queued is carried out after it by itself."),
    ),
    "quota_exceeded": (
        gettext_lazy("the app's quota at {service} is used up until {until}"),
        gettext_lazy(
            "Wait; what is queued is carried out after it by itself. Lower SPOTIFY_DAILY_CALLS if it comes often."
        ),
    ),
    "service_down": (gettext_lazy("{service} kept failing; it has a rest until {until}"), AGAIN),
    "premium": (
        gettext_lazy("the owner of the app has no active Premium"),
        gettext_lazy("Renew Premium of the account that owns the app; Spotify may take some hours to notice."),
    ),
    "not_registered": (
        gettext_lazy("this listener is not on the app's list of users"),
        gettext_lazy("Add his name and e-mail on the dashboard: your app, Settings, User Management."),
    ),
    "scope": (gettext_lazy("the consent does not allow this"), RECONNECT),
    "needs_reconnect": (gettext_lazy("the consent is over or was taken back"), RECONNECT),
    "token_expired": (gettext_lazy("Spotify does not take the access token"), RECONNECT),
    "refresh_busy": (gettext_lazy("another process renews the access all the time"), AGAIN),
    "bad_credentials": (
        gettext_lazy("Spotify does not know these keys"),
        gettext_lazy("Copy SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET from the dashboard again, then start again."),
    ),
    "bad_key": (
        gettext_lazy("Last.fm does not know this key"),
        gettext_lazy("Copy LASTFM_API_KEY from https://www.last.fm/api/accounts again, or leave it empty."),
    ),
    "bad_token": (
        gettext_lazy("Telegram does not know this token"),
        gettext_lazy("Copy TELEGRAM_BOT_TOKEN from @BotFather again (/mybots, API Token), then start again."),
    ),
    "chat_not_found": (
        gettext_lazy("Telegram knows no such chat, or nobody wrote to the bot from there"),
        gettext_lazy("Write /id to the bot from that chat and copy the number into OPERATOR_CHAT_ID."),
    ),
    "blocked": (gettext_lazy("the bot was blocked there"), gettext_lazy("Unblock the bot in that chat.")),
}
OF_ONE = {
    ("listenbrainz", "bad_key"): (
        gettext_lazy("ListenBrainz does not know this token"),
        gettext_lazy("Copy LISTENBRAINZ_TOKEN from https://listenbrainz.org/settings/ again, or leave it empty."),
    ),
}


def of(error: ServiceError) -> Finding:
    says = OF_ONE.get((error.service, error.code)) or SAYS.get(error.code)
    found, remedy = says or (gettext_lazy("{service} refused it ({code})"), AGAIN)
    until = f"{error.until:%Y-%m-%d %H:%M} UTC" if isinstance(error, RateLimited) else ""
    about = {"service": NAMES.get(error.service, "Telegram"), "code": error.code, "status": error.status or "?"}
    return mend(str(found).format(until=until, **about), str(remedy))


def silent() -> Finding:
    return mend(_("no answer until the check was broken off"), str(AGAIN))


def unexpected(error: Exception) -> Finding:
    """Its kind alone: the text might hold an address with a key in it."""
    kind = type(error).__name__
    remedy = _("Look at the log, and tell us: it is a fault of Daily Vibe.")
    return mend(_("could not be checked ({kind})").format(kind=kind), remedy)
