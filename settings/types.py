"""The base model, and the values of time and number that all areas of the configuration share.

Text that must look like something is `settings.words`' and `settings.addresses`' concern.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from http import HTTPStatus
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
)
from pydantic.alias_generators import to_camel
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from vocabulary.timing.cron import EXPECTED as EXPECTED_CRON
from vocabulary.timing.cron import Cron, time_zone
from vocabulary.timing.duration import EXPECTED, format_duration, parse_duration


class Model(BaseModel):
    """A closed, immutable part of the configuration; camelCase in YAML, snake_case in Python."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        allow_inf_nan=False,
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
        validate_by_alias=True,
        validate_by_name=True,
        validate_default=True,
    )


@dataclass(frozen=True)
class Allowed:
    """Annotates a type whose values must pass a check, and says in words what passes."""

    noun: str
    """What a value is, with its article: `a DNS label`."""

    rule: str
    """What makes a value one."""

    check: Callable[[str], bool]
    """Whether a text is one."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {**handler(schema), "allowed": self.noun, "rule": self.rule}

    def _checked(self, text: str) -> str:
        if not self.check(text):
            raise ValueError(f"is not {self.noun}")
        return text


def described(words: str) -> Any:
    """Metadata of a field type: what it allows, where its JSON schema does not say enough."""
    return Field(json_schema_extra={"allowed": words})


def broken_rule(text: str, *key: str | int) -> PydanticCustomError:
    """An error of a rule over several fields; `key` is the one to mend, as YAML spells it."""
    return PydanticCustomError("broken_rule", "{text}", {"text": text, "key": key})


NEARLY = 0.95
"""Share of the time of which a window is no exception any more."""

Entry = TypeVar("Entry")


def _once(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    twice = sorted({str(entry) for entry in entries if entries.count(entry) > 1})
    if twice:
        raise ValueError(f"names {', '.join(twice)} more than once")
    return entries


Once = AfterValidator(_once)
"""Annotates a tuple in which nothing may stand twice."""


def _read_duration(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str):
        raise ValueError(f"must be {EXPECTED}; a bare number has no unit")  # noqa: TRY004
    return parse_duration(value)


Duration = Annotated[timedelta, BeforeValidator(_read_duration)]
"""A Go duration such as `5m0s`."""


def duration_field(text: str | None, *, least: str, most: str) -> Any:
    """A field of type Duration with a default, if any, and bounds, all as Go durations."""
    low, high = parse_duration(least), parse_duration(most)
    return Field(
        default=None if text is None else parse_duration(text),
        ge=low,
        le=high,
        json_schema_extra={
            "default": text,
            "range": f"{format_duration(low)} to {format_duration(high)}",
        },
    )


def _whole_seconds(duration: timedelta) -> timedelta:
    if duration.microseconds:
        raise ValueError("has a fraction of a second")
    return duration


WholeSeconds = Annotated[Duration, AfterValidator(_whole_seconds)]
"""A Go duration without a fraction of a second."""


def _cron(text: str) -> str:
    Cron.parse(text)
    return " ".join(text.split())


CronExpression = Annotated[str, AfterValidator(_cron), described(EXPECTED_CRON)]
"""Five wall-clock cron fields, with `CRON_TZ=Zone ` in front if needed."""


def _time_zone(name: str) -> str:
    time_zone(name)
    return name


TimeZone = Annotated[
    str,
    AfterValidator(_time_zone),
    described("an IANA name such as UTC or America/Havana"),
]
"""A time zone by its IANA name."""

_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?"
)


def _moment(text: str) -> str:
    try:
        datetime.fromisoformat(text if _MOMENT.fullmatch(text) else "")
    except ValueError:
        raise ValueError("is not a moment") from None
    return text


Moment = Annotated[
    str,
    AfterValidator(_moment),
    described(
        "YYYY-MM-DDTHH:MM in quotes, with Z or an offset such as +02:00 behind it if need be"
    ),
]
"""A moment as ISO 8601 writes it; without an offset, of the zone that stands beside it."""

_TIME_OF_DAY = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


def _time_of_day(value: object) -> time:
    if isinstance(value, time):
        return value
    if not isinstance(value, str) or not _TIME_OF_DAY.fullmatch(value):
        raise ValueError("is not a time of day")
    return time.fromisoformat(value)


TimeOfDay = Annotated[
    time, BeforeValidator(_time_of_day), described('HH:MM in quotes, from "00:00" to "23:59"')
]
"""Hours and minutes on the clock on the wall, `HH:MM`."""

_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(T00:00:00Z| 00:00:00 \+0000 UTC)?")


def _calendar_day(value: object) -> date:
    if isinstance(value, date):
        return value
    # An unquoted YAML date reaches the program as a timestamp at midnight.
    day = _DAY.fullmatch(value) if isinstance(value, str) else None
    try:
        return date.fromisoformat(day[1] if day else "")
    except ValueError:
        raise ValueError("is not a day of the calendar") from None


Day = Annotated[date, BeforeValidator(_calendar_day), described("YYYY-MM-DD")]
"""A calendar day, `YYYY-MM-DD`."""

Percent = Annotated[int, Field(ge=0, le=100)]
"""A whole percentage."""

GRPC_CONDITIONS = frozenset(
    {"cancelled", "deadline-exceeded", "internal", "resource-exhausted", "unavailable"}
)
"""Conditions of what gRPC says in a trailer, whatever the status of HTTP."""

_RETRY_CONDITIONS = (
    "5xx, gateway-error, reset, reset-before-request, connect-failure, refused-stream, "
    "retriable-4xx, envoy-ratelimited, http3-post-connect-failure, "
    f"{', '.join(sorted(GRPC_CONDITIONS))}"
)
"""Those for which Istio can say what they are about: of headers and lists of codes it cannot."""


FIRST_ERROR = 400
"""Status codes below say that a request went well, or goes on elsewhere."""


def _is_retry_condition(text: str) -> bool:
    is_error = text.isdecimal() and int(text) in set(HTTPStatus) and int(text) >= FIRST_ERROR
    return is_error or text in _RETRY_CONDITIONS.split(", ")


RetryCondition = Annotated[
    str,
    Allowed(
        "a retry condition",
        f"the HTTP status code of an error or {_RETRY_CONDITIONS}",
        _is_retry_condition,
    ),
]
"""When Envoy may try a request again."""
