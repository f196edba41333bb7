"""The base model and the value types that all areas of the configuration share."""

import re
from datetime import date, timedelta
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from timing.cron import Cron
from timing.duration import EXPECTED, format_duration, parse_duration


class Model(BaseModel):
    """A closed, immutable part of the configuration; camelCase in YAML, snake_case in Python."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
        validate_by_alias=True,
        validate_by_name=True,
        validate_default=True,
    )


def _read_duration(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str):
        raise ValueError(f"must be {EXPECTED}; a bare number has no unit")  # noqa: TRY004
    return parse_duration(value)


Duration = Annotated[timedelta, BeforeValidator(_read_duration)]
"""A Go duration such as `5m0s`."""


def duration_field(text: str, *, least: str, most: str) -> Any:
    """A field of type Duration with a default and bounds, all as Go durations."""
    low, high = parse_duration(least), parse_duration(most)
    return Field(
        default=parse_duration(text),
        ge=low,
        le=high,
        json_schema_extra={
            "default": text,
            "range": f"{format_duration(low)} to {format_duration(high)}",
        },
    )


_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_LABEL_LENGTH = 63


def _dns_label(text: str) -> str:
    if len(text) > _LABEL_LENGTH or not _LABEL.fullmatch(text):
        raise ValueError(
            "must be a DNS label: lower-case letters, digits and '-', at most 63 characters, "
            "beginning and ending with a letter or digit"
        )
    return text


DnsLabel = Annotated[str, AfterValidator(_dns_label)]
"""A Kubernetes object name that may also stand in a host name."""


def _http_url(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/@:]+(:\d{1,5})?(/[^\s@]*)?", text):
        raise ValueError("must be an http:// or https:// URL with a host and no user information")
    return text


HttpUrl = Annotated[str, AfterValidator(_http_url)]
"""An http or https URL without credentials in it."""


def _cron(text: str) -> str:
    Cron.parse(text)
    return text


CronExpression = Annotated[str, AfterValidator(_cron)]
"""Five wall-clock cron fields, with `CRON_TZ=Zone ` in front if needed."""


def _calendar_day(value: object) -> date:
    # An unquoted YAML date reaches the program as a timestamp at midnight.
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value).removesuffix("T00:00:00Z"))
    except ValueError:
        raise ValueError("must be a calendar day, YYYY-MM-DD") from None


Day = Annotated[date, BeforeValidator(_calendar_day)]
"""A calendar day, `YYYY-MM-DD`."""

Percent = Annotated[int, Field(ge=0, le=100)]
"""A whole percentage."""

_RETRY_CONDITIONS = (
    "5xx, gateway-error, reset, reset-before-request, connect-failure, refused-stream, "
    "retriable-4xx, retriable-status-codes, retriable-headers, envoy-ratelimited, "
    "http3-post-connect-failure, cancelled, deadline-exceeded, internal, resource-exhausted, "
    "unavailable"
)


def _retry_condition(text: str) -> str:
    is_status = text.isdecimal() and int(text) in set(HTTPStatus)
    if not is_status and text not in _RETRY_CONDITIONS.split(", "):
        raise ValueError(f"must be an HTTP status code or one of {_RETRY_CONDITIONS}")
    return text


RetryCondition = Annotated[str, AfterValidator(_retry_condition)]
"""When Envoy may try a request again."""
