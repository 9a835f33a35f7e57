"""Whether the bot's token works, whether its updates come to us, and whether the operator can be told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from botapp import webhook
from botapp.presence import BOT, CONFLICT
from vibe.clients.http import told_date
from vibe.clients.models import Heartbeat
from vibe.clients.telegram import TELEGRAM
from vibe.doctor.exam import Exam
from vibe.doctor.rows import Finding, Skipped, mend, note, ok

MUTE = timedelta(minutes=5)  # the bot beats every minute at least, whatever Telegram does to it
REMEMBERED = timedelta(days=1)
MANY = 100


def token(exam: Exam) -> Iterator[Finding]:
    try:
        name = exam.bot.get_me()
    finally:
        if at := told_date():
            exam.skews[TELEGRAM] = (exam.clock() - at).total_seconds()
    exam.lift(TELEGRAM, "bad_token")
    yield ok(_("it is @{name}").format(name=name))


def updates(exam: Exam) -> Iterator[Finding]:
    now, state = exam.clock(), exam.bot.webhook_state()
    if settings.TELEGRAM_MODE == "webhook":
        yield by_webhook(state.url, state.waiting, state.last_error)
    elif state.url:
        yield mend(
            _("a webhook is set, so that none come by polling"),
            _("manage.py runbot deletes it when it starts. If it comes back, another program sets it: stop that."),
        )
    elif _in_conflict(now):
        yield mend(
            _("another program asks Telegram for this bot's updates"),
            _("Stop it: only one may. If you know of none, take a new token from @BotFather (/revoke)."),
        )
    elif state.waiting > MANY:
        yield note(_("by polling; waiting to be fetched: {count}").format(count=state.waiting))
    else:
        yield ok(_("by polling, and nobody else takes them"))


def by_webhook(url: str, waiting: int, last_error: str) -> Finding:
    if url != webhook.address():
        found = _("Telegram brings them elsewhere") if url else _("no webhook is set")
        return mend(found, _("Run manage.py runbot once, which tells Telegram {url}.").format(url=webhook.address()))
    if last_error and waiting:
        found = _("Telegram can't bring them ({error}); waiting: {count}").format(error=last_error, count=waiting)
        return mend(found, _("Open {url} from outside: it must answer 405.").format(url=webhook.address()))
    return ok(_("by webhook"))


def _in_conflict(now: datetime) -> bool:
    """Whether the bot met another one, and was not well for long since."""
    beats = dict(Heartbeat.objects.filter(name__in=[BOT, CONFLICT]).values_list("name", "at"))
    met = beats.get(CONFLICT)
    if met is None or met < now - REMEMBERED:
        return False
    return BOT not in beats or beats[BOT] < met + timedelta(minutes=1)


def operator(exam: Exam) -> Iterator[Finding]:
    if not settings.OPERATOR_CHAT_ID:
        yield note(_("nobody is told of trouble"), _("Write /id to the bot, and the number as OPERATOR_CHAT_ID."))
    else:
        yield ok(_("the chat is there ({kind})").format(kind=exam.bot.chat_kind(int(settings.OPERATOR_CHAT_ID))))


def process(exam: Exam) -> Iterator[Finding]:
    if not settings.TELEGRAM_BOT_TOKEN:
        raise Skipped(_("there is no bot"))
    if settings.TELEGRAM_MODE != "polling":
        raise Skipped(_("a webhook needs no process of its own"))
    if _in_conflict(exam.clock()):
        raise Skipped(_("another program keeps it from its work: see Telegram: updates"))
    last = Heartbeat.objects.filter(name=BOT).values_list("at", flat=True).first()
    if last is None:
        yield mend(_("does not run"), _("Run manage.py runbot, or everything with manage.py run."))
    elif last < exam.clock() - MUTE:
        found = _("silent since {at}").format(at=f"{last:%Y-%m-%d %H:%M} UTC")
        yield mend(found, _("Start manage.py runbot again; its last lines say what stopped it."))
    else:
        yield ok(_("runs"))
