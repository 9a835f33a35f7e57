from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from accounts.encryption import Unreadable, reseal, seal, unseal

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_a_token_comes_back_as_it_was(token):
    assert unseal("1/abc/access", seal("1/abc/access", token)) == token


def test_the_stored_text_shows_neither_the_token_nor_its_owner():
    sealed = seal("1/abc/access", "canary")
    assert "canary" not in sealed
    assert "abc" not in sealed


def test_a_token_moved_to_another_row_is_refused():
    with pytest.raises(Unreadable) as caught:
        unseal("2/abc/access", seal("1/abc/access", "canary"))
    assert caught.value.code == "token_wrong_owner"


def test_a_missing_key_is_a_typed_error_that_shows_no_text(settings):
    settings.TOKEN_ENCRYPTION_KEYS = [OLD]
    sealed = seal("1", "canary")
    settings.TOKEN_ENCRYPTION_KEYS = [NEW]
    with pytest.raises(Unreadable) as caught:
        unseal("1", sealed)
    assert caught.value.code == "token_wrong_key"
    assert caught.value.permanent
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("keys", [[], ["short"], ["not base 64 at all!"]])
def test_without_a_usable_key_nothing_is_sealed(settings, keys):
    settings.TOKEN_ENCRYPTION_KEYS = keys
    with pytest.raises(Unreadable) as caught:
        seal("1", "canary")
    assert caught.value.code == "token_no_key"


def test_every_listed_key_opens_and_the_first_one_seals(settings):
    settings.TOKEN_ENCRYPTION_KEYS = [OLD]
    sealed = seal("1", "canary")
    settings.TOKEN_ENCRYPTION_KEYS = [NEW, OLD]
    assert unseal("1", sealed) == "canary"
    resealed = reseal(sealed)
    settings.TOKEN_ENCRYPTION_KEYS = [NEW]
    assert unseal("1", resealed) == "canary"
    with pytest.raises(Unreadable):
        reseal(sealed)
