"""What went wrong, in words: what a server said of its refusal, what broke a connection."""

import json
import ssl
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

from urllib3.exceptions import NewConnectionError

MOST_WORDS = 300
"""Characters of a server's text that are kept."""

TEXT_KEYS = ("error", "message", "errors", "detail")
"""Where servers that answer in JSON put what they have to say."""


def is_overload(code: int) -> bool:
    """Whether the same request may go well later."""
    return code == HTTPStatus.TOO_MANY_REQUESTS or code >= HTTPStatus.INTERNAL_SERVER_ERROR


def is_redirect(code: int) -> bool:
    """Whether the answer only points elsewhere."""
    return HTTPStatus.MULTIPLE_CHOICES <= code < HTTPStatus.BAD_REQUEST


def words(code: int, headers: Mapping[str, str], body: bytes, hide: Callable[[str], str]) -> str:
    """The status and what the server said of it, as one short line.

    Args:
        code: HTTP status.
        headers: of the answer.
        body: of the answer.
        hide: takes what is secret out of a text.
    """
    text = "" if "html" in headers.get("Content-Type", "") else hide(_message(body))
    line = " ".join(text.split()) or _phrase(code)
    return f"{code}: {line[:MOST_WORDS]}"


def redirect_target(url: str, location: str) -> str:
    """Where a redirect leads, without what may be secret in it."""
    try:
        target = urlsplit(urljoin(url, location))
    except ValueError:
        return "an address that is none"
    return f"{target.scheme}://{target.hostname or '?'}{target.path}"


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds that a server asks to wait; None when it does not, or not as the standard says."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    moment = _moment(value)
    return max(0.0, (moment - now).total_seconds()) if moment else None


def ahead(date: str | None, now: datetime) -> float:
    """Seconds that a clock is ahead of the one by which an answer is dated; 0 where none is."""
    moment = _moment(date) if date else None
    return (now - moment).total_seconds() if moment else 0.0


def never_sent(error: BaseException) -> bool:
    """Whether there was no connection over which anything could have been sent."""
    bottom: BaseException | None = error
    while bottom is not None:
        if isinstance(bottom, NewConnectionError):
            return True
        bottom = _below(bottom)
    return False


def cause(error: BaseException) -> str:
    """What lies at the bottom of a broken connection.

    The texts in between hold whole URLs; those of the operating system and of TLS do not.
    """
    bottom: BaseException | None = error
    while bottom is not None:
        if isinstance(bottom, ssl.SSLCertVerificationError):
            return bottom.verify_message
        if isinstance(bottom, ssl.SSLError):
            return bottom.reason or "TLS failed"
        if isinstance(bottom, OSError) and bottom.strerror:
            return bottom.strerror
        bottom = _below(bottom)
    return type(error).__name__


def _below(error: BaseException) -> BaseException | None:
    """What an exception was made of."""
    nested = (getattr(error, "reason", None), *error.args, error.__cause__, error.__context__)
    return next((each for each in nested if isinstance(each, BaseException)), None)


def _phrase(code: int) -> str:
    try:
        return HTTPStatus(code).phrase
    except ValueError:
        return "no reason given"


def _message(body: bytes) -> str:
    text = body.decode("utf-8", "replace")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if not isinstance(document, dict):
        return text
    said = [document[key] for key in TEXT_KEYS if document.get(key)]
    parts = [part for each in said for part in (each if isinstance(each, list) else [each])]
    return "; ".join(map(str, parts)) or text


def _moment(text: str) -> datetime | None:
    """A time as headers have it; None where it is none."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
