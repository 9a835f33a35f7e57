"""What linking an account means to its listener: his first playlist, or a question about another account's data."""

from __future__ import annotations

import logging
from typing import Any

from django.utils import timezone

from accounts import spotify_auth
from accounts.encryption import seal, unseal
from accounts.models import OAuthState, SpotifyAccount, User
from accounts.spotify_auth import AnotherLinked, LinkRefused
from playlists import errands, queue
from playlists.disconnect import forget_runs
from playlists.tasks import _task
from vibe.clients import limiter
from vibe.clients.errors import ServiceError
from vibe.clients.meter import Meter

logger = logging.getLogger(__name__)
MARK = 16  # digits of the consent's hash, by which a button knows what it was shown for


def is_known(user: User) -> bool:
    """Whether he has been here before: he is linked or has asked for playlists."""
    return user.spotify is not None or user.runs.exists()


def connected(pending: SpotifyAccount, *, keep: bool | None = None) -> tuple[SpotifyAccount, dict[str, Any]]:
    """The consent made the user's link, and the facts of the message `linked`. Raises as `spotify_auth.activate`."""
    first, before = not is_known(pending.user), pending.user.spotify
    account = spotify_auth.activate(pending, keep=keep)
    another = before is not None and before.account_id != account.account_id
    if another and not keep:
        forget_runs(account.user)
    return account, {"account": str(account), "first": first, "another": another, "kept": another and bool(keep)}


def outcome(pending: SpotifyAccount, *, keep: bool | None = None) -> tuple[str, dict[str, Any]]:
    """The message that says it is connected, or that asks what becomes of another account's data: kind and facts.

    Raises LinkRefused.
    """
    try:
        return "linked", connected(pending, keep=keep)[1]
    except AnotherLinked:
        facts = {"new": str(pending), "old": str(pending.user.spotify), "mark": pending.confirm_hash[:MARK]}
        return "relink", facts


def ask(key: str, link: OAuthState, code: str) -> None:
    """Has a worker exchange Spotify's code, in the caller's transaction. `key`: of the answer that says so.

    The queue holds the code sealed, and until it is carried out.
    """
    queue.ask("playlists.linking.link", link.user_id, key, link.pk, seal(_owner(link.pk), code))


@_task
def link(user_id: int, key: str, link_id: int, sealed: str) -> None:
    """Exchanges the code that a listener pasted, once, and tells him in the place of the first answer."""
    row = OAuthState.objects.select_related("user").filter(pk=link_id, user=user_id).first()
    if row is None or not spotify_auth.claim_return(link_id, timezone.now()):
        return
    meter = limiter.opened(timezone.now)
    try:
        errands.tell(user_id, key, *_outcome(row, sealed, meter), meter)
    finally:
        limiter.store(meter)


def _outcome(row: OAuthState, sealed: str, meter: Meter) -> tuple[str, dict[str, Any]]:
    try:
        code = unseal(_owner(row.pk), sealed)
        return outcome(spotify_auth.finish_link(row, code, timezone.now, meter)[0])
    except (LinkRefused, ServiceError) as error:
        return "link_refused", {"code": spotify_auth.reason(error)}
    except Exception:
        # Somebody waits for an answer; what it was is for the log alone.
        logger.exception("user=%s: linking failed unexpectedly", row.user_id)
        return "link_refused", {"code": "unavailable"}


def _owner(link: int) -> str:
    return f"link/{link}"
