"""What the admin's buttons ask for a listener, from the list for many and from a page for one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.forms import BaseDialogForm

from accounts.models import User
from accounts.outbox import say
from botapp import admission
from botapp.admission import Answer as Admitted
from playlists import operator
from playlists.operator import Answer

AT_ONCE = 100  # listeners an action takes: each is several statements
NAMED = 10
ANSWERS: dict[str, tuple[int, Any]] = {
    Answer.QUEUED: (messages.SUCCESS, _("Handed to a worker: {names}.")),
    Answer.DISCONNECTED: (messages.SUCCESS, _("Disconnected, and what was read at Spotify is deleted: {names}.")),
    Answer.THERE: (messages.INFO, _("Today's playlist is there already: {names}.")),
    Answer.WAITING: (messages.INFO, _("Was asked for before and waits for a worker: {names}.")),
    Answer.PARKED: (messages.INFO, _("Waits for its hour and goes on by itself: {names}.")),
    Answer.BUSY: (messages.WARNING, _("A run is under way; ask again when it is over: {names}.")),
    Answer.TOO_MANY: (messages.WARNING, _("Asked for as often today as MANUAL_RUNS_A_DAY allows: {names}.")),
    Admitted.LET_IN: (messages.SUCCESS, _("Let in, and told so in the chat: {names}.")),
    Admitted.TURNED_AWAY: (messages.SUCCESS, _("Turned away, and told so in the chat: {names}.")),
    Admitted.IS_IN: (messages.INFO, _("Was let in before: {names}.")),
    Admitted.IS_AWAY: (messages.INFO, _("Was turned away before: {names}.")),
    Answer.NOT_LINKED: (messages.WARNING, _("No Spotify account is linked: {names}.")),
}
Ask = Callable[[User, datetime], Answer | Admitted]


class OfOne(BaseDialogForm):
    """Names the user at whose page the button was pressed."""

    def render_before_template(self) -> str:
        name = User.objects.values_list("username", flat=True).filter(pk=self.object_id).first()
        return format_html('<p class="v-strong">{}</p>', name or "")


def _dialog(title: Any, description: Any) -> dict[str, Any]:
    # A press on the user's page is a link, and a link changes nothing: the form of the dialog does.
    return {"title": title, "description": description, "form_class": OfOne, "form_submit_text": title}


LET_IN, TURN_AWAY = _("Let in"), _("Turn away")
MAKE, REHEARSE, READ, LEAVE = _("Make today's playlist"), _("Dry run"), _("Read the likes"), _("Disconnect Spotify")


def let_in(user: User, now: datetime) -> Admitted:
    return admission.let_in(user, _tell, now.isoformat())


def turn_away(user: User, now: datetime) -> Admitted:
    return admission.turn_away(user, _tell, now.isoformat())


def _tell(chat_id: int, kind: str, key: str, **context: object) -> None:
    say(chat_id, kind, key, context)


class ListenerActions(ModelAdmin):
    actions = ("generate", "dry_run", "sync", "let_in", "turn_away", "disconnect")
    actions_detail = (
        "generate_one",
        {"title": _("More"), "items": ["dry_run_one", "sync_one", "let_in_one", "turn_away_one", "disconnect_one"]},
    )

    @admin.action(description=MAKE, permissions=["change"])
    def generate(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        self._ask(request, self._few(request, chosen), operator.generate)

    @admin.action(description=REHEARSE, permissions=["change"])
    def dry_run(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        self._ask(request, self._few(request, chosen), operator.dry_run)

    @admin.action(description=READ, permissions=["change"])
    def sync(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        self._ask(request, self._few(request, chosen), operator.sync)

    @admin.action(description=LET_IN, permissions=["change"])
    def let_in(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        self._ask(request, self._few(request, chosen), let_in)

    @admin.action(description=TURN_AWAY, permissions=["change"])
    def turn_away(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        self._ask(request, self._few(request, chosen), turn_away)

    @admin.action(description=LEAVE, permissions=["change"])
    def disconnect(self, request: HttpRequest, chosen: QuerySet[User]) -> HttpResponse | None:
        listeners = self._few(request, chosen)
        if request.POST.get("sure") == "yes" or not listeners:
            self._ask(request, listeners, operator.disconnect)
            return None
        page = {**self.admin_site.each_context(request), "title": LEAVE, "chosen": listeners, "opts": self.opts}
        return TemplateResponse(request, "admin/disconnect.html", page)

    @action(
        description=MAKE,
        permissions=["change"],
        icon="playlist_add",
        dialog=_dialog(MAKE, _("A worker makes it and the listener is told; where it is there already, nothing is.")),
    )
    def generate_one(self, request: HttpRequest, _form: Any, object_id: str) -> HttpResponse:
        return self._ask_one(request, object_id, operator.generate)

    @action(
        description=REHEARSE,
        permissions=["change"],
        icon="science",
        dialog=_dialog(REHEARSE, _("A list is chosen and shown among the runs; nothing is written, nobody is told.")),
    )
    def dry_run_one(self, request: HttpRequest, _form: Any, object_id: str) -> HttpResponse:
        return self._ask_one(request, object_id, operator.dry_run)

    @action(
        description=READ,
        permissions=["change"],
        icon="sync",
        dialog=_dialog(READ, _("A worker reads the liked tracks anew; how far it came is in the library.")),
    )
    def sync_one(self, request: HttpRequest, _form: Any, object_id: str) -> HttpResponse:
        return self._ask_one(request, object_id, operator.sync)

    @action(
        description=LET_IN,
        permissions=["change"],
        icon="how_to_reg",
        dialog=_dialog(LET_IN, _("The listener is told so in the chat, and can begin.")),
    )
    def let_in_one(self, request: HttpRequest, _form: Any, object_id: str) -> HttpResponse:
        return self._ask_one(request, object_id, let_in)

    @action(
        description=TURN_AWAY,
        permissions=["change"],
        icon="person_off",
        dialog=_dialog(TURN_AWAY, _("Who waits to be let in is told that it was refused; letting in takes it back.")),
    )
    def turn_away_one(self, request: HttpRequest, _form: Any, object_id: str) -> HttpResponse:
        return self._ask_one(request, object_id, turn_away)

    @action(
        description=LEAVE,
        permissions=["change"],
        icon="link_off",
        variant="danger",
        dialog=_dialog(
            LEAVE, _("Sign-in, likes, plays, history and feedback are deleted at once. This can't be undone.")
        ),
    )
    def disconnect_one(self, request: HttpRequest, _form: Any, object_id: str) -> HttpResponse:
        return self._ask_one(request, object_id, operator.disconnect)

    def _ask_one(self, request: HttpRequest, object_id: str, ask: Ask) -> HttpResponse:
        self._ask(request, list(User.objects.filter(pk=int(object_id))), ask)
        return HttpResponse(headers={"HX-Refresh": "true"})  # the form is sent by htmx

    def _few(self, request: HttpRequest, chosen: QuerySet[User]) -> list[User]:
        """Those chosen; none of them, and the operator is told so, where they are too many."""
        listeners = list(chosen[: AT_ONCE + 1])
        if len(listeners) <= AT_ONCE:
            return listeners
        told = _("At most {most} at a time; nothing was done.").format(most=AT_ONCE)
        self.message_user(request, told, messages.ERROR)
        return []

    def _ask(self, request: HttpRequest, listeners: Iterable[User], ask: Ask) -> None:
        now = timezone.now()
        answers = defaultdict(list)
        for user in listeners:
            answer = ask(user, now)
            answers[answer].append(user.username)
            self.log_change(request, user, f"{ask.__name__}: {answer}")
        for answer, names in answers.items():
            level, words = ANSWERS[answer]
            more = " …" if len(names) > NAMED else ""
            self.message_user(request, words.format(names=", ".join(names[:NAMED]) + more), level)
