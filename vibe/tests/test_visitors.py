from __future__ import annotations

import pytest
from django.test import RequestFactory

from vibe import visitors


def coming(forwarded: str = "", direct: str = "10.0.0.1"):
    return RequestFactory().get("/", REMOTE_ADDR=direct, headers={"x-forwarded-for": forwarded} if forwarded else {})


def test_what_a_client_writes_counts_for_nothing_where_no_proxy_stands_before_us(settings):
    settings.HTTPS = False
    assert visitors.address(coming("203.0.113.9")) == "10.0.0.1"


def test_behind_https_only_what_our_proxy_added_last_is_believed(settings):
    settings.HTTPS = True
    assert visitors.address(coming("198.51.100.1, 203.0.113.9")) == "203.0.113.9"
    assert visitors.address(coming()) == "10.0.0.1"


@pytest.mark.parametrize("odd", ["unknown", "203.0.113.9:4711", "203.0.113.9,", "x" * 5_000])
def test_what_is_no_address_is_not_taken_for_one(settings, odd):
    settings.HTTPS = True
    assert visitors.address(coming(odd)) == "10.0.0.1"
    assert visitors.address(coming(odd, direct="")) == ""


def test_limits_count_a_household_of_ipv6_as_one(settings):
    settings.HTTPS = False
    first, second, other = (
        visitors.network(coming(direct=ip)) for ip in ("2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1")
    )
    assert first == second != other
    assert visitors.network(coming(direct="203.0.113.9")) == "203.0.113.9"
    assert visitors.network(coming(direct="::ffff:203.0.113.9")) != visitors.network(
        coming(direct="::ffff:203.0.113.8")
    )
    assert visitors.network(coming(direct="")) == ""
