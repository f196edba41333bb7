from datetime import UTC, datetime

import pytest

from anomaly.transport.session import redirect_target, retry_after

NOW = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)


class TestRetryAfter:
    @pytest.mark.parametrize(
        "value,seconds",
        [
            ("0", 0),
            ("120", 120),
            ("Tue, 24 Nov 2026 12:00:30 GMT", 30),
            ("Tue, 24 Nov 2026 11:00:00 GMT", 0),
            ("soon", None),
            ("-5", None),
            (None, None),
        ],
    )
    def test_is_read_in_both_forms_of_the_standard(self, value, seconds):
        assert retry_after(value, NOW) == seconds


class TestRedirectTarget:
    @pytest.mark.parametrize(
        "location,target",
        [
            ("/login?next=secret", "http://prometheus/login"),
            ("https://ann:pw@sso:8443/x#y", "https://sso/x"),
            ("", "http://prometheus/api"),
        ],
    )
    def test_shows_where_and_nothing_else(self, location, target):
        assert redirect_target("http://prometheus/api", location) == target
