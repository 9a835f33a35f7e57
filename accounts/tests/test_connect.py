from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from accounts.models import OAuthState, User

pytestmark = pytest.mark.django_db


def test_it_prints_nothing_but_the_link(capsys, client):
    alice = User.objects.create(username="alice")
    call_command("connect", user="@alice")
    out, err = capsys.readouterr()
    address = out.strip()
    assert address.startswith("http://127.0.0.1:8000/auth/spotify/start?token=")
    assert "ten minutes" in err
    assert OAuthState.objects.get().user == alice
    assert OAuthState.objects.get().telegram_chat_id is None
    assert client.get(address.removeprefix("http://127.0.0.1:8000")).status_code == 200


def test_it_makes_the_user_where_asked_to(capsys):
    call_command("connect", user="tg:77", create=True)
    call_command("connect", user="tg:77", create=True)
    listener = User.objects.get()
    assert (listener.username, listener.telegram_chat_id) == ("tg77", 77)


@pytest.mark.parametrize(("option", "keep"), [("--keep", True), ("--clear", False), (None, None)])
def test_the_link_remembers_what_becomes_of_another_accounts_data(capsys, option, keep):
    User.objects.create(username="alice")
    call_command("connect", "--user=@alice", *([option] if option else []))
    assert OAuthState.objects.get().keep is keep
    with pytest.raises(CommandError, match="not allowed with"):
        call_command("connect", "--user=@alice", "--keep", "--clear")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"user": "@nobody"}, "There is no user @nobody"),
        ({"user": "7", "create": True}, "A new user is named by"),
        ({"user": "@two words", "create": True}, "valid username"),
    ],
)
def test_its_errors_are_one_clear_line(options, words):
    with pytest.raises(CommandError, match=words) as caught:
        call_command("connect", **options)
    assert "\n" not in str(caught.value)
    assert not User.objects.exists()


def test_it_says_when_the_app_is_not_set_up(settings):
    settings.SPOTIFY_CLIENT_SECRET = ""
    with pytest.raises(CommandError, match="SPOTIFY_CLIENT_SECRET"):
        call_command("connect", user="@alice", create=True)
    assert not User.objects.exists()
