"""The look of the admin, and what its sidebar leads to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def _may_see(permission: str) -> Callable[[HttpRequest], bool]:
    return lambda request: request.user.has_perm(permission)


def _rows(title: Any, icon: str, model: str) -> dict[str, Any]:
    """A link to a list, for who may look at it. `model`: "<app>_<model>"."""
    app, _underscore, name = model.rpartition("_")
    address = reverse_lazy(f"admin:{model}_changelist")
    return {"title": title, "icon": icon, "link": address, "permission": _may_see(f"{app}.view_{name}")}


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Daily Vibe",
    "SITE_HEADER": "Daily Vibe",
    "SITE_SUBHEADER": _("A fresh playlist a day"),
    "SITE_SYMBOL": "graphic_eq",
    "SHOW_BACK_BUTTON": True,
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda _request: static("vibe/icon.svg")},
    ],
    "STYLES": [lambda _request: static("vibe/admin.css")],
    "DASHBOARD_CALLBACK": "vibe.dashboard.show",
    "SIDEBAR": {
        "show_search": False,
        "navigation": [
            {
                "items": [
                    {"title": _("Dashboard"), "icon": "monitoring", "link": reverse_lazy("admin:index")},
                ],
            },
            {
                "title": _("Playlists"),
                "items": [
                    _rows(_("Runs"), "queue_music", "playlists_playlistrun"),
                    _rows(_("Tracks of runs"), "music_note", "playlists_playlistruntrack"),
                    _rows(_("Ledgers"), "receipt_long", "playlists_runledger"),
                ],
            },
            {
                "title": _("Listeners"),
                "items": [
                    _rows(_("Users"), "group", "accounts_user"),
                    _rows(_("Accounts at Spotify"), "link", "accounts_spotifyaccount"),
                    _rows(_("One-time links"), "add_link", "accounts_oauthstate"),
                    _rows(_("Feedback"), "thumbs_up_down", "recommendations_feedback"),
                ],
            },
            {
                "title": _("Music"),
                "collapsible": True,
                "items": [
                    _rows(_("Saved tracks"), "favorite", "recommendations_savedtrack"),
                    _rows(_("Plays"), "play_circle", "recommendations_play"),
                    _rows(_("History"), "history", "recommendations_recommendationhistory"),
                    _rows(_("Libraries"), "library_music", "recommendations_librarystate"),
                    _rows(_("Looked-up names"), "manage_search", "recommendations_resolvedtrack"),
                    _rows(_("Remembered answers"), "database", "recommendations_sourcecache"),
                ],
            },
            {
                "title": _("Operation"),
                "items": [
                    {
                        "title": _("Doctor"),
                        "icon": "stethoscope",
                        "link": reverse_lazy("admin_doctor"),
                        "permission": _may_see("clients.change_servicestate"),
                    },
                    _rows(_("Service states"), "traffic", "clients_servicestate"),
                    _rows(_("Calls"), "api", "clients_apiusage"),
                    _rows(_("Incidents"), "warning", "accounts_incident"),
                    _rows(_("Heartbeats"), "ecg_heart", "clients_heartbeat"),
                    _rows(_("Schedules"), "schedule", "django_q_schedule"),
                    _rows(_("Queue"), "low_priority", "django_q_ormq"),
                    _rows(_("Failed tasks"), "error", "django_q_failure"),
                    _rows(_("Outbox"), "outbox", "accounts_outbox"),
                    _rows(_("Handled updates"), "done_all", "botapp_handledupdate"),
                ],
            },
            {
                "title": _("Staff"),
                "collapsible": True,
                "items": [
                    _rows(_("Groups"), "badge", "auth_group"),
                    _rows(_("Failed sign-ins"), "lock_clock", "axes_accessattempt"),
                ],
            },
        ],
    },
}
