"""Types of text that must be a name, a label, a version: what each of them may look like."""

import re
from collections.abc import Callable
from typing import Annotated

from pydantic import StringConstraints

from settings.languages import is_condition, is_expression, is_promql, is_range, tells_apart
from settings.request_filter import is_filter
from settings.types import Allowed


def matches(pattern: str) -> Callable[[str], bool]:
    """A check for texts that match a pattern from end to end, in ASCII."""
    compiled = re.compile(pattern, re.ASCII)
    return lambda text: compiled.fullmatch(text) is not None


Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True),
    Allowed(
        "text",
        "not empty, without control characters and others that nobody sees",
        lambda text: bool(text) and all(each.isprintable() or each in "\n\t" for each in text),
    ),
]
"""Words for people; blanks around them do not count."""

Line = Annotated[
    str,
    Allowed(
        "a name on one line",
        "not empty, without control characters, others that nobody sees, or blanks around it",
        lambda text: text.isprintable() and bool(text) and text == text.strip(),
    ),
]
"""A name whose form others decide."""

Identifier = Annotated[
    str,
    Allowed(
        "a name in plain letters",
        "printable ASCII on one line, without blanks around it: look-alikes of other scripts would "
        "make it another name",
        matches(r"[!-~]+( [!-~]+)*"),
    ),
]
"""A name that must be the same for ever."""

DnsLabel = Annotated[
    str,
    Allowed(
        "a DNS label",
        "up to 63 lower-case letters, digits and '-', beginning and ending with a letter or digit",
        matches(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"),
    ),
]
"""A Kubernetes object name that may also stand in a host name."""

ServiceName = Annotated[
    str,
    Allowed(
        "a name for a Service",
        "up to 63 lower-case letters, digits and '-', beginning with a letter, ending with a "
        "letter or digit",
        matches(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?"),
    ),
]
"""A DNS label that begins with a letter, as the names of Services must in most clusters."""

LabelValue = Annotated[
    str,
    Allowed(
        "a label's value",
        "up to 63 letters, digits, '-', '_' and '.', beginning and ending with a letter or digit",
        matches(r"[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?"),
    ),
]
"""The value of a Kubernetes label."""

LabelKey = Annotated[
    str,
    Allowed(
        "a label's key",
        "as a label's value, with a host name and '/' in front if any",
        matches(r"([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?"),
    ),
]
"""The key of a Kubernetes label."""

ApiVersion = Annotated[
    str,
    Allowed(
        "an API version",
        "such as apps/v1 or v1",
        matches(r"([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?v[0-9]+((alpha|beta)[0-9]+)?"),
    ),
]
"""Group and version of a Kubernetes kind."""

KindName = Annotated[
    str, Allowed("a kind", "such as Deployment", matches(r"[A-Z][A-Za-z0-9]{0,62}"))
]
"""Name of a Kubernetes kind."""


Query = Annotated[
    Text,
    Allowed(
        "PromQL that finds series",
        "as Prometheus reads it, such as rate(http_requests_total[5m]) > 1; no bare number and no "
        "range of samples",
        is_promql,
    ),
]
"""What Prometheus is asked."""

Condition = Annotated[
    Text,
    Allowed(
        "PromQL that finds nothing as long as all is well",
        "a comparison such as rate(http_errors_total[5m]) > 1, absent(...) or ALERTS{...}",
        is_condition,
    ),
]
"""What Prometheus is asked to find out whether something is wrong."""

RequestFilter = Annotated[
    Text,
    Allowed(
        "a CEL expression over a request",
        "such as response.code >= 400, with && and || and Envoy's attributes, for example "
        "request.path, request.duration, response.flags, connection.mtls; text only beside text",
        is_filter,
    ),
]
"""Which requests are meant."""

VersionRange = Annotated[
    str,
    Allowed("a range of versions", "such as 1.x, ^1.2.0 or >=1.0.0 <2.0.0", is_range),
]
"""Versions, of which the newest is taken."""

Identity = Annotated[
    str,
    Allowed(
        "a pattern of whom to trust",
        "a regular expression that begins with ^ and that not everybody matches, such as "
        "^https://github.com/team/.*$",
        tells_apart,
    ),
]
"""Who signs."""

VariableName = Annotated[
    str,
    Allowed(
        "the name of a variable",
        "letters, digits and '_', not beginning with a digit",
        matches(r"[A-Za-z_][A-Za-z0-9_]{0,127}"),
    ),
]
"""A variable that Flux puts into manifests."""

LabelName = Annotated[
    str,
    Allowed(
        "the name of a label of series",
        "letters, digits and '_', not beginning with a digit or '__'",
        matches(r"(?!__)[A-Za-z_]\w{0,127}"),
    ),
]
"""A label of Prometheus' series."""

SignalName = Annotated[
    str,
    Allowed(
        "the name of a signal",
        "lower-case letters, digits and '_', beginning with a letter, such as queue_depth",
        matches(r"[a-z][a-z0-9_]{0,63}"),
    ),
]
"""What the detector calls one kind of series."""

UserName = Annotated[
    str,
    Allowed("a user name", "not empty, without blanks and ':'", matches(r"[^\s:\x00-\x1f]+")),
]
"""Who one is to a server that asks for a password too."""

Certificates = Annotated[
    str,
    Allowed(
        "certificates",
        "PEM: one block or more from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----, "
        "and no key",
        matches(
            r"(\s*-----BEGIN CERTIFICATE-----\s[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----)+\s*"
        ),
    ),
]
"""Certificate authorities."""


Pattern = Annotated[
    str,
    Allowed(
        "a regular expression of RE2",
        "such as (api|web)-.*, not empty, without look-around and backreferences",
        is_expression,
    ),
]
"""What a text must be from end to end."""

HeaderName = Annotated[
    str,
    Allowed("the name of an HTTP header", "such as x-user", matches(r"[-\w!#$%&'*+.^`|~]+")),
]
"""An HTTP header's name."""

ParameterName = Annotated[
    str, Allowed("the name of a query parameter", "such as user", matches(r"[^\s&=#?\x00-\x1f]+"))
]
"""A query parameter's name."""

ExactVersion = Annotated[
    str,
    Allowed(
        "an exact version",
        "such as 1.31.1, no range",
        matches(r"v?[0-9]+\.[0-9]+\.[0-9]+([-+][-0-9A-Za-z.+]+)?"),
    ),
]
"""One release, and not whatever is newest."""

_TAG = matches(r"\w[-\w.]{0,127}")

Tag = Annotated[str, Allowed("a tag", "letters, digits, '_', '.' and '-'", _TAG)]
"""What an artifact is called at the moment."""

ImageTag = Annotated[
    str,
    Allowed(
        "a tag that stays",
        "letters, digits, '_', '.' and '-', and not latest",
        lambda text: _TAG(text) and text.lower() != "latest",
    ),
]
"""An image's tag; `latest` says nothing about what runs."""

REGISTRY = r"[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?(:[0-9]{1,5})?"
PART = r"[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*"

ImageName = Annotated[
    str,
    Allowed(
        "an image without tag and digest",
        "such as ghcr.io/team/app",
        matches(rf"({REGISTRY}/)?{PART}(/{PART})*"),
    ),
]
"""Registry and repository of an image."""

ImageRegistry = Annotated[
    str,
    Allowed(
        "a registry",
        "a host and a path without scheme, such as ghcr.io/fluxcd",
        matches(rf"{REGISTRY}(/{PART})*"),
    ),
]
"""Where images come from."""

ImageMention = Annotated[
    str,
    Allowed(
        "an image as manifests name it",
        "without tag and digest",
        matches(r"[^\s:@\x00-\x1f]+(:[0-9]+/[^\s:@\x00-\x1f]+)?"),
    ),
]
"""An image's name, or what stands for one, in somebody's manifests."""

FluxRelease = Annotated[
    str,
    Allowed(
        "a release of Flux 2, or a line of them",
        "such as 2.9.5 or 2.9.x, from 2.7 on, which has the kinds that the platform writes",
        matches(r"2\.([7-9]|[1-9][0-9])\.(x|[0-9]+)"),
    ),
]
"""One release, or the newest of one minor version."""

ChartName = Annotated[
    str,
    Allowed(
        "the name of a chart",
        "as its repository lists it, such as redis; no path and no URL",
        matches(r"[A-Za-z0-9][-\w.]{0,127}"),
    ),
]
"""A chart of a Helm repository."""

BucketName = Annotated[
    str,
    Allowed(
        "the name of a bucket",
        "3 to 63 lower-case letters, digits, '-' and '.', no URL and no address",
        matches(r"(?![0-9.]+$)(?!.*\.\.)[a-z0-9][-a-z0-9._]{1,61}[a-z0-9]"),
    ),
]
"""Where an object store keeps things."""

Channel = Annotated[
    str, Allowed("a channel", "such as #deployments, in quotes", matches(r"[#@]?[-\w.]+"))
]
"""A channel of Slack."""

Statuses = Annotated[
    str,
    Allowed(
        "a status code or a range of them",
        "such as 200 or 200-299, in quotes",
        matches(r"[1-5][0-9]{2}(-[1-5][0-9]{2})?"),
    ),
]
"""Answers of an HTTP server."""

Digest = Annotated[
    str,
    Allowed(
        "a digest", "sha256: and 64 lower-case hexadecimal digits", matches(r"sha256:[0-9a-f]{64}")
    ),
]
"""The digest of an image."""

DnsPattern = Annotated[
    str,
    Allowed(
        "a DNS name",
        "lower-case letters, digits, '-' and '.', with .* at the end for all that begin so",
        matches(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*(\.\*)?"),
    ),
]
"""A name to look up, or all that begin like it."""

JavaName = Annotated[
    str,
    Allowed(
        "a Java name",
        "letters, digits, '_' and '$', in parts with '.' between them",
        matches(r"[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*"),
    ),
]
"""A class with its package."""

JavaMethod = Annotated[
    str,
    Allowed(
        "the name of a Java method",
        "letters, digits, '_' and '$', or <init>; no class before it and no arguments behind it",
        matches(r"[A-Za-z_$][\w$]*|<init>"),
    ),
]
"""A method."""

Email = Annotated[
    str,
    Allowed(
        "an e-mail address",
        "such as flux@example.com",
        matches(r"[^@\s\x00-\x1f]+@[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?"),
    ),
]
"""Where somebody gets mail."""

Permissions = Annotated[
    str,
    Allowed(
        "permissions of a file",
        "three octal digits in quotes, such as 444",
        matches("[0-7]{3}"),
    ),
]
"""What owner, group and others may do with a file."""
