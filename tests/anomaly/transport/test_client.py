import logging
import time
import traceback

import pytest
from pydantic import SecretStr

from anomaly.config.endpoint import BasicAuth, Endpoint, SecretSource
from anomaly.errors import (
    Overloaded,
    Refused,
    ServerError,
    SettingsError,
    Unreachable,
)
from anomaly.transport.client import Client, Request
from tests.anomaly.fake_server import Reply

SECRET = "s3cr3t-hunter2"


@pytest.fixture
def secret_file(tmp_path):
    path = tmp_path / "secret"
    path.write_text(f"{SECRET}\n")
    return path


@pytest.fixture
def call(server):
    def run(deadline=float("inf"), body=b"hello", **settings):
        client = Client(Endpoint(url=server.url, **settings), server.url)
        return client.exchange(Request(body), deadline=deadline)

    return run


class TestCredentials:
    def test_a_token_is_shown_as_bearer(self, server, call, secret_file):
        call(bearer_token=SecretSource(file=secret_file))
        assert server.received[0].headers["Authorization"] == f"Bearer {SECRET}"

    def test_a_rotated_token_is_read_anew(self, server, secret_file):
        endpoint = Endpoint(url=server.url, bearer_token=SecretSource(file=secret_file))
        client = Client(endpoint, server.url)
        client.exchange(Request(b""))
        secret_file.write_text("next")
        client.exchange(Request(b""))
        assert server.received[1].headers["Authorization"] == "Bearer next"

    def test_name_and_password_are_basic_authentication(self, server, call, secret_file):
        call(basic_auth=BasicAuth(username="ann", password=SecretSource(file=secret_file)))
        assert server.received[0].headers["Authorization"] == "Basic YW5uOnMzY3IzdC1odW50ZXIy"

    def test_the_tenant_is_named(self, server, call):
        call(tenant="staging")
        assert server.received[0].headers["X-Scope-OrgID"] == "staging"

    def test_in_the_header_that_the_server_knows(self, server, call):
        call(tenant="staging", tenant_header="THANOS-TENANT")
        assert server.received[0].headers["THANOS-TENANT"] == "staging"

    def test_a_netrc_that_lies_about_is_not_shown_to_anybody(
        self, server, call, tmp_path, monkeypatch
    ):
        (tmp_path / ".netrc").write_text("machine 127.0.0.1 login ann password x\n")
        monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
        call()
        assert "Authorization" not in server.received[0].headers

    def test_that_no_header_takes_are_refused(self, server, call, secret_file):
        secret_file.write_text("tök€n")
        with pytest.raises(SettingsError, match="holds a character beyond ASCII"):
            call(bearer_token=SecretSource(file=secret_file))
        assert server.received == []

    def test_a_secret_in_place_of_a_file_is_not_shown(self, call):
        with pytest.raises(SettingsError) as error:
            call(bearer_token=SecretSource(file=f"/{SECRET}/x"))
        assert SECRET not in str(error.value)

    def test_a_secret_that_is_not_there_is_named_by_its_place(self, server, call, tmp_path):
        with pytest.raises(SettingsError, match=r"cannot read file .*gone: No such file"):
            call(bearer_token=SecretSource(file=tmp_path / "gone"))
        assert server.received == []


class TestRetry:
    @pytest.mark.parametrize("status", [429, 500, 503])
    def test_what_may_pass_is_tried_again(self, server, call, status):
        server.replies(Reply(status), Reply(status), Reply(body=b"well"))
        assert call() == b"well"
        assert [received.body for received in server.received] == [b"hello"] * 3

    def test_pauses_double_and_vary(self, server, call, pauses):
        server.replies(Reply(500))
        with pytest.raises(Overloaded):
            call(attempts=4)
        ratios = [pause / base for base, pause in zip((1, 2, 4), pauses, strict=True)]
        assert all(0.5 <= ratio <= 1.5 for ratio in ratios)
        assert len(set(ratios)) == 3

    def test_the_server_may_say_how_long_to_wait(self, server, call, pauses):
        server.replies(Reply(429, headers={"Retry-After": "17"}), Reply())
        call()
        assert pauses == [17]

    def test_but_nobody_waits_for_hours(self, server, call, pauses):
        server.replies(Reply(429, headers={"Retry-After": "7200"}))
        with pytest.raises(Overloaded, match=r"429: .*asks to wait 7200 s"):
            call()
        assert pauses == []
        assert len(server.received) == 1

    def test_nothing_begins_after_the_deadline(self, server, call, pauses):
        server.replies(Reply(503))
        with pytest.raises(Overloaded):
            call(deadline=time.monotonic() + 0.4)
        assert len(server.received) == 1

    @pytest.mark.parametrize("status", [400, 401, 404, 413, 422])
    def test_a_refusal_is_final(self, server, call, status):
        server.replies(Reply(status))
        with pytest.raises(Refused):
            call()
        assert len(server.received) == 1


class TestTime:
    def test_an_answer_whose_headers_never_end_is_given_up(self, server, call):
        server.replies(Reply(endless_headers=True))
        begun = time.monotonic()
        with pytest.raises(Unreachable, match=r"gave no answer in 0\.3 s"):
            call(attempts=1, timeout_seconds=0.3)
        assert time.monotonic() - begun < 3

    def test_an_answer_that_drips_is_given_up(self, server, call):
        server.replies(Reply(body=b"x" * 1000, dripping=True))
        begun = time.monotonic()
        with pytest.raises(Unreachable, match=r"did not finish its answer in 0\.3 s"):
            call(attempts=1, timeout_seconds=0.3)
        assert time.monotonic() - begun < 3

    def test_the_deadline_ends_an_attempt_that_has_begun(self, server, call):
        server.replies(Reply(silent=True))
        begun = time.monotonic()
        with pytest.raises(Unreachable):
            call(deadline=begun + 0.3)
        assert time.monotonic() - begun < 3


class TestHostileAnswer:
    @pytest.mark.parametrize("location", ["http://[x", "http://[::1", "\\\\", "http://h:99999999"])
    def test_a_redirect_to_nowhere_is_a_refusal(self, server, call, location):
        server.replies(Reply(302, headers={"Location": location}))
        with pytest.raises(Refused, match="redirects are not followed"):
            call()

    @pytest.mark.parametrize("wait", ["9" * 400, "²", "Mon, 99 Foo 99999 99:99:99 GMT", "-1", ""])
    def test_nobody_minds_how_long_it_asks_to_wait(self, server, call, wait):
        server.replies(Reply(503, headers={"Retry-After": wait}))
        with pytest.raises(Overloaded):
            call(attempts=1)


class TestUnrepeatable:
    def deliver(self, url, **settings):
        endpoint = Endpoint(url=url, **settings)
        client = Client(endpoint, url)
        client.exchange(Request(b"once", repeatable=False), wanted=False)

    def test_what_may_have_arrived_is_not_sent_again(self, server):
        server.replies(Reply(silent=True))
        with pytest.raises(Unreachable):
            self.deliver(server.url, timeout_seconds=0.3)
        assert len(server.received) == 1

    @pytest.mark.parametrize("status,times", [(500, 1), (502, 1), (504, 1), (503, 3), (429, 3)])
    def test_what_the_server_has_not_begun_with_is(self, server, status, times):
        server.replies(Reply(status))
        with pytest.raises(Overloaded):
            self.deliver(server.url)
        assert len(server.received) == times

    def test_what_cannot_have_arrived_is(self, pauses):
        with pytest.raises(Unreachable):
            self.deliver("http://127.0.0.1:1")
        assert len(pauses) == 2

    def test_what_was_taken_is_delivered_however_the_answer_ends(self, server):
        server.replies(Reply(200, b"o", missing=7))
        self.deliver(server.url)
        assert len(server.received) == 1


class TestWords:
    @pytest.mark.parametrize(
        "body,said",
        [
            (b'{"error": "no\\n such   thing"}', "no such thing"),
            (b'{"message": "bad", "errors": ["a", "b"]}', "bad; a; b"),
            (b"out of order sample\n", "out of order sample"),
            (b'["x"]', '["x"]'),
            (b"\xff", "\N{REPLACEMENT CHARACTER}"),
            (b"", "Bad Request"),
        ],
    )
    def test_of_the_server_are_kept(self, server, call, body, said):
        server.replies(Reply(400, body))
        with pytest.raises(Refused) as refused:
            call()
        assert str(refused.value) == f"{server.url} answered 400: {said}"

    def test_are_few(self, server, call):
        server.replies(Reply(400, b"x" * 100_000))
        with pytest.raises(Refused) as refused:
            call()
        assert len(str(refused.value)) < 400

    def test_pages_for_browsers_say_nothing(self, server, call):
        page = Reply(502, b"<html><h1>Oops</h1>", {"Content-Type": "text/html; charset=utf-8"})
        server.replies(page)
        with pytest.raises(Overloaded, match=r"502: Bad Gateway$"):
            call()


class TestSecrets:
    """Whatever goes wrong, and whatever the server repeats."""

    FAULTS = (
        Reply(400, f"bad token {SECRET}".encode()),
        Reply(500, (f"{'x' * 295} {SECRET}").encode()),
        Reply(302, headers={"Location": f"/services/{SECRET}"}),
        Reply(silent=True),
        Reply(body=b"abc", missing=5),
        Reply(body=b"x" * 100_000),
    )

    @pytest.mark.parametrize("fault", FAULTS, ids=range(len(FAULTS)))
    def test_do_not_appear_in_errors_logs_or_tracebacks(
        self, server, secret_file, caplog, capfd, fault
    ):
        server.replies(fault)
        caplog.set_level(logging.DEBUG)
        endpoint = Endpoint(
            url=server.url, bearer_token=SecretSource(file=secret_file), timeout_seconds=0.1
        )
        address = SecretStr(f"{server.url}/services/{SECRET}/")
        client = Client(endpoint, address, name="the hook", hidden=[SecretStr(SECRET)])
        with pytest.raises(ServerError, match=r"^the hook ") as raised:
            client.exchange(Request(b"x"))
        assert server.received[0].path == f"/services/{SECRET}"
        error = raised.value
        assert error.__context__ is None
        assert error.__cause__ is None
        shown = "".join(traceback.format_exception(error))
        shown += caplog.text + repr(endpoint) + repr(client) + "".join(capfd.readouterr())
        assert SECRET not in shown

    def test_of_a_server_that_is_not_there_do_not_appear_either(self, caplog):
        caplog.set_level(logging.DEBUG)
        address = SecretStr(f"http://127.0.0.1:1/services/{SECRET}")
        client = Client(Endpoint(url="http://127.0.0.1:1"), address, name="the hook")
        with pytest.raises(Unreachable) as raised:
            client.exchange(Request(b"x"))
        assert str(raised.value) == "the hook cannot be reached (Connection refused)"
        assert raised.value.__context__ is None
        assert SECRET not in caplog.text
