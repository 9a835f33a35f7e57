"""The words a run's row is written in: its states, its doors, its clocks."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from recommendations import outcomes

# A run shows that it lives by making progress; one that does not for this long is taken to be dead.
LEASE = timedelta(seconds=120)
# Five lives: a run that keeps killing its worker must end some day.
ATTEMPTS = 5
# The code of a run whose place a later day's has taken: nobody's failure, and nobody is told.
SUPERSEDED = "superseded"
# Of a run that was unfinished in a backup: it may have ended well since, and what it made is nobody's leftover.
RESTORED = "restored"
# Of a dry run that another run of its user was ahead of: it chose nothing, and that is nobody's failure either.
BUSY = "busy"


class LostLease(Exception):
    """Another process took this run over: no further effect may follow."""


class Status(models.TextChoices):
    QUEUED = "queued", _("queued")
    RUNNING = "running", _("running")
    SUCCESS = "success", _("done")
    FAILED = "failed", _("failed")
    NEEDS_LINK = "needs_link", _("Spotify must be connected again")


class Outcome(models.TextChoices):
    """What became of a track, as `recommendations.outcomes` decides; the strongest first."""

    DISLIKED = outcomes.DISLIKED, _("disliked")
    LIKED = outcomes.LIKED, _("liked")
    REMOVED = outcomes.REMOVED, _("taken out")
    HEARD = outcomes.HEARD, _("played")
    KEPT = outcomes.KEPT, _("left on the list")
    UNKNOWN = outcomes.UNKNOWN, _("not known")


class Trigger(models.TextChoices):
    BOT = "bot", _("bot")
    ADMIN = "admin", _("admin")
    SHELL = "shell", _("shell")
    NIGHTLY = "nightly", _("nightly")
    ENDPOINT = "endpoint", _("endpoint")


# The doors whose dry runs a worker carries out, like any other run; those of the others just end with who looks on.
LASTING = (Trigger.BOT, Trigger.ADMIN)
# The doors whose dry runs the operator asks for: they are none of the listener's wishes of the day.
OPERATORS = (Trigger.ADMIN, Trigger.ENDPOINT)
