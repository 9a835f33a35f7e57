"""Why an account was not linked and what to do about it: a title and a sentence, on a page or in the chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

REFUSALS: dict[str, tuple[_StrPromise, _StrPromise]] = {
    "unknown": (
        _("This link is not known"),
        _("It may have been cut short when it was copied, or a newer link has taken its place."),
    ),
    "expired": (_("This link has been used or is too old"), _("A link works once, for ten minutes.")),
    "mismatch": (
        _("This sign-in was not begun here"),
        _(
            "It was begun in another browser, or it is finished already. If you have just connected Spotify and only "
            "reloaded the page, all is well. If somebody sent you this address, close the page: it would have "
            "connected their Spotify, not yours."
        ),
    ),
    "paste": (
        _("One more step"),
        _(
            "If you began in Telegram, copy the address of this page and send it to the bot, in the chat where you "
            "began and to nobody else. If somebody sent you this address, close the page."
        ),
    ),
    "denied": (_("Spotify is not connected"), _("You did not agree on Spotify's page, so nothing was changed.")),
    "refused": (
        _("Spotify did not let you sign in"),
        _("Spotify ended the sign-in without giving a reason that helps. Nothing was changed."),
    ),
    "scopes": (
        _("A permission is missing"),
        _(
            "Daily Vibe needs every permission that Spotify lists: to read your likes and plays, and to make "
            "playlists. Nothing was connected. Begin again and agree to all of them."
        ),
    ),
    "taken": (
        _("This Spotify account is connected already"),
        _(
            "Another user of this installation has connected it. Disconnect it there first, or sign in at Spotify "
            "with another account."
        ),
    ),
    "another": (
        _("Another Spotify account is connected"),
        _(
            "Nothing was changed. Run manage.py connect again with --keep or --clear: it says what becomes of what is "
            "known of the account that is connected now."
        ),
    ),
    "not_registered": (
        _("This Spotify account is not on the app's list"),
        _(
            "A Spotify app in Development Mode serves at most five accounts that its owner has listed. Ask the "
            "operator of this installation to add your Spotify name and e-mail on developer.spotify.com/dashboard "
            "under User Management."
        ),
    ),
    "premium": (
        _("Spotify has paused this app"),
        _(
            "The owner of the Spotify app needs an active Premium subscription. Tell the operator of this "
            "installation; after Premium is renewed it can take a few hours before Spotify answers again."
        ),
    ),
    "client": (
        _("This installation is not set up for Spotify"),
        _(
            "Spotify does not accept the app's client id and secret. The operator of this installation finds them on "
            "developer.spotify.com/dashboard and writes them to SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET."
        ),
    ),
    "tokens": (
        _("This installation cannot keep your sign-in"),
        _(
            "Nothing was connected. The operator of this installation must mend TOKEN_ENCRYPTION_KEYS: without a good "
            "key no sign-in is stored."
        ),
    ),
    "rate_limited": (
        _("Spotify asks us to wait"),
        _(
            "This installation has asked Spotify too often. Nothing was connected. Wait a while, at most until "
            "tomorrow, and begin again."
        ),
    ),
    "unavailable": (
        _("Spotify does not answer"),
        _("The fault is Spotify's or the network's, not yours. Nothing was connected. Begin again in a few minutes."),
    ),
    "incomplete": (
        _("This address is not whole"),
        _("Copy all of it, from its beginning to its end, and send it again; it still works."),
    ),
    "elsewhere": (
        _("This is not the address I need"),
        _(
            "When you have agreed at Spotify, the browser shows a page that does not open. Send me the address of "
            "that page."
        ),
    ),
}
