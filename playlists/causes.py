"""What a run ended with in the few words of a table; `notes.sentence` says the same with what to do next."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

CAUSES = {
    "needs_reconnect": _("sign-in no longer accepted"),
    "consent_ended": _("consent ended"),
    "rate_limited": _("asked too much"),
    "quota_exceeded": _("daily limit used up"),
    "service_down": _("Spotify down for a while"),
    "unavailable": _("Spotify in trouble"),
    "timeout": _("no answer in time"),
    "connection": _("Spotify not reached"),
    "malformed": _("unreadable answer"),
    "not_registered": _("not on the app's list of users"),
    "premium": _("the owner's Premium ended"),
    "scope": _("permissions missing"),
    "bad_credentials": _("the app's keys refused"),
    "token_expired": _("renewed sign-in refused"),
    "gone": _("function removed by Spotify"),
    "forbidden": _("refused without a reason"),
    "bad_request": _("request not understood"),
    "not_found": _("no longer at Spotify"),
    "too_large": _("request too large"),
    "token_no_key": _("no key for the stored sign-in"),
    "token_wrong_key": _("stored sign-in of another key"),
    "token_wrong_owner": _("stored sign-in of another account"),
    "refresh_busy": _("sign-in was being renewed"),
    "disconnected": _("disconnected meanwhile"),
    "unconfirmed": _("playlist not confirmed"),
    "incomplete": _("tracks not kept"),
    "no_taste": _("no likes and no plays"),
    "no_music": _("no music among likes and plays"),
    "nothing_found": _("nothing suitable found"),
    "sources_failed": _("no source could be asked"),
    "wish_unknown": _("nothing known under the wish"),
    "wish_unreadable": _("a wish without words"),
    "wish_both": _("a style and an artist at once"),
    "wish_artists": _("several artists at once"),
    "wish_no_tags": _("a style without Last.fm"),
    "too_short": _("too few tracks found"),
    "too_slow": _("took too long"),
    "database": _("database not writable"),
    "worn_out": _("broken off five times"),
    "superseded": _("overtaken by a later day"),
    "stale": _("waited more than a day"),
    "busy": _("another run was under way"),
    "interrupted": _("interrupted"),
    "restored": _("unfinished in a restored backup"),
    "internal": _("our own mistake"),
}


def cause(code: str) -> str:
    """Empty for no error; a code that is not known, of an older version, is shown as it is."""
    return str(CAUSES.get(code, code))
