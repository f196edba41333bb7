"""What a secret is: by its own shape, or by the name it goes under and a value that is written out.

The one definition of the platform: policies refuse what it finds, and whoever shows something to
people hides it. Where secrets stand in texts and objects is `disclosure`'s concern. Shapes come
from detect-secrets; a service that it does not know yet is added below.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Literal, cast

from detect_secrets.plugins.aws import AWSKeyDetector
from detect_secrets.plugins.azure_storage_key import AzureStorageKeyDetector
from detect_secrets.plugins.base import RegexBasedDetector
from detect_secrets.plugins.discord import DiscordBotTokenDetector
from detect_secrets.plugins.gitlab_token import GitLabTokenDetector
from detect_secrets.plugins.mailchimp import MailchimpDetector
from detect_secrets.plugins.npm import NpmDetector
from detect_secrets.plugins.openai import OpenAIDetector
from detect_secrets.plugins.pypi_token import PypiTokenDetector
from detect_secrets.plugins.sendgrid import SendGridDetector
from detect_secrets.plugins.square_oauth import SquareOAuthDetector
from detect_secrets.plugins.stripe import StripeDetector
from detect_secrets.plugins.telegram_token import TelegramBotTokenDetector
from detect_secrets.plugins.twilio import TwilioKeyDetector


def _set(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_DETECTORS: tuple[type[RegexBasedDetector], ...] = (
    AWSKeyDetector,
    AzureStorageKeyDetector,
    DiscordBotTokenDetector,
    GitLabTokenDetector,
    MailchimpDetector,
    NpmDetector,
    OpenAIDetector,
    PypiTokenDetector,
    SendGridDetector,
    SquareOAuthDetector,
    StripeDetector,
    TelegramBotTokenDetector,
    TwilioKeyDetector,
)
_MORE = {
    "private key": r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?s:.*?)(?:-----END [A-Z0-9 ]*-----|\Z)"
    r"|PuTTY-User-Key-File-\d(?s:.*)",
    "Slack webhook URL": r"hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/\w[\w/]*",
    "Slack token": r"\bx(?:ox[abeoprs]|app)-[\w-]{10,}",
    "GitHub token": r"\b(?:gh[oprsu]_\w{30,}|github_pat_\w{30,})",
    "AWS access key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "Google API key": r"\bAIza[\w-]{35}",
    "Google OAuth secret": r"\b(?:GOCSPX-[\w-]{20,}|ya29\.[\w-]{20,})",
    "Pulumi token": r"\bpul-[0-9a-f]{40}\b",
    "PagerDuty webhook URL": r"events\.pagerduty\.com/integration/\w+",
    "Teams webhook URL": r"webhook\.office\.com/\w[\w@/-]*",
    "webhook URL": r"hooks\.zapier\.com/hooks/catch/\d+/\w+|/hooks/[a-z0-9]{26}\b",
    "signature of a URL": r"(?<=[?&]sig=)[\w%/+-]{12,}",
    "Telegram token": r"(?<=/bot)\d{8,10}:[\w-]{30,}",
    "Discord webhook URL": r"discord(?:app)?\.com/api/webhooks/\d+/[\w-]+",
    "JSON web token": r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}",
    "bearer token": r"(?i:\bbearer\s+(?=[\w.~+/-]*\d)[\w.~+/-]{16,})",
    "basic authorization": r"\b[Bb]asic\s+(?=[A-Za-z0-9+/]*[A-Z0-9])[A-Za-z0-9+/]{8,}={0,2}",
    "npm token": r"\bnpm_[A-Za-z0-9]{30,}",
    "Vault token": r"\b(?:hv[sbr]\.[\w-]{20,}|s\.(?=\w*\d)[A-Za-z0-9]{24}\b)",
    "Stripe key": r"\b(?:[rs]k_(?:live|test)_[0-9a-zA-Z]{10,}|whsec_[\w+/=]{20,})",
    "OpenAI key": r"\bsk-(?:proj-|svcacct-|admin-|ant-)?(?=[\w-]*\d)[\w-]{20,}",
    "Grafana token": r"\bgl(?:sa|c)_[\w+/=]{20,}",
    "DigitalOcean token": r"\bdo[opr]_v1_[0-9a-f]{40,}",
    "Hugging Face token": r"\bhf_[A-Za-z0-9]{30,}",
    "Terraform token": r"\b\w{14}\.atlasv1\.[\w-]{40,}",
    "Databricks token": r"\bdapi[0-9a-f]{32}\b",
    "Docker token": r"\bdckr_(?:pat|oat)_[\w-]{20,}",
    "Linear token": r"\blin_(?:api|oauth)_\w{30,}",
    "Sentry token": r"\bsntry[su]_[\w=/+-]{30,}",
    "New Relic key": r"\bNRAK-[A-Z0-9]{20,}",
    "Shopify token": r"\bshp(?:at|ca|pa|ss)_[0-9a-f]{32}",
    "Atlassian token": r"\bATATT3[\w=-]{20,}",
    "Doppler token": r"\bdp\.(?:pt|st|ct|sa|scim|audit)\.[\w.-]{30,}",
    "Supabase token": r"\bsbp_[0-9a-f]{40}",
    "PlanetScale token": r"\bpscale_(?:pw|tkn|oauth)_[\w=.-]{30,}",
    "Opsgenie key": r"\bGenieKey\s+[\w-]{20,}",
    "age key": r"\bAGE-SECRET-KEY-1[0-9A-Z]{50,}",
    "password hash": r"\$(?:2[abxy]|5|6|y|apr1|argon2\w*)\$[\w./$=,+-]{20,}",
    # Up to the last @ before the host; what follows a port is a path, $ and < begin placeholders.
    "password in a URL": r"(?<=\w://)[^\s:/@\"']*:(?!\d+/)(?![$<{*%])[^\s\"'<>]+(?=@[\w\[$])",
    "password of Oracle": r"(?<=jdbc:oracle:thin:)[^\s/@$]+/[^\s@$]+(?=@)",
    "password in pgpass": r"(?m:^[\w.*-]+:(?:5432|6432|\*):[\w*-]+:[\w*-]+:\S+$)",
    "password in netrc": r"\blogin\s+\S+\s+password\s+(?![$<{])\S+",
    "password of a command": r"\b(?:curl\s[^\n|;]{0,200}?(?:-u|--user)[ =]?[\"']?[^\s:$]+:"
    r"|mysql\w*\s[^\n|;]{0,200}?\s-p|redis-cli\s[^\n|;]{0,200}?-a\s+|sshpass\s+-p\s*)"
    r"(?![\"']?[$<{])\S+",
    "password in XML": r"(?i:<[\w.:-]*(?:password|passwd|secret|token|apikey)\s*>)"
    r"(?![$<{])[^<>\s]+(?=</)",
    "password of a server's configuration": r"(?m:^\s*(?:requirepass|masterauth)\s+(?![$<{%])\S+)"
    r"|\binsecure-password\s+(?![$<{%])\S+|(?m:^\s*password\s+(?=\S*\d)(?![$<{%])\S{6,}\s*$)",
    "token in a URL": r"(?<=https://)(?=[^\s/:@\"']*\d)[^\s/:@\"'$<{]{8,}(?=@)",
}
SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    *((what, re.compile(pattern)) for what, pattern in _MORE.items()),
    *(
        (
            str(each.secret_type),
            re.compile(rf"(?<![A-Za-z0-9])(?:{pattern.pattern})", pattern.flags),
        )
        for each in _DETECTORS
        for pattern in cast("Iterable[re.Pattern[str]]", each.denylist)
    ),
)
"""What it is, and how it is known."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SUFFIXES = _set(
    "value values base string text plain raw literal b base64 old new current previous prod "
    "production staging stage dev test default primary secondary v data content env"
)
"""Words after the one that counts: SECRET_KEY_BASE, tokenValue, DB_PASSWORD_PROD."""

NO_SECRET = _set(
    "checksum digest hash sha md fingerprint public pub page next continue cursor sync csrf xsrf "
    "version revision cancellation ref existing pull image max min num total count forgot label "
    "hint prompt placeholder"
)
"""A name with one of these is of something else: checksum/secret, publicKey, existingSecret."""

_SURE = re.compile(
    r"(?:pass(?:word|wd|phrase|code)|pwd|pw|token|secret|(?:api|auth|access|secret|private|signing"
    r"|encryption|account)key)s?$"
)
_PASSWORD = re.compile(r"(?:pass(?:word|wd|phrase|code)?|pwd?|pin)s?$")
_LIKELY = re.compile(
    r"(?:auth|^pass|(?:db|user|smtp|root|admin|my|redis|mongo)pass|cookie|credential|authorization|kubeconfig|salt|pat|dsn|seed)s?$"
)
_SURE_KEYS = _set(
    "api access secret private priv signing sign encryption encrypt decryption account storage "
    "master shared service license routing integration auth client session hmac aes rsa ssh deploy "
    "app application root webhook ingest ingestion write subscription function functions tls ssl "
    "ca server jwt cookie cipher crypto token fernet security"
)
"""What stands before `key` in the name of a secret one."""

_OTHER_KEYS = _set(
    "foreign partition sort cache map group label config index lookup object row range order "
    "unique dedup dedupe idempotency topology host header node sub natural data message annotation "
    "field metric schema tenant user"
)
"""Keys of other locks; `hash` and `public` are above."""

_SHARED = tuple(
    [word] for word in _set("client session cookie jwt signing shared hmac oauth consumer api app")
)
"""What stands before `secret` where that is the value itself and never the name of a Secret."""

_PLACEHOLDER = re.compile(  # SOPS's and Sealed Secrets' ciphers, and what names a Secret, too
    r"\$[A-Za-z_{(]|\{\{|<[^<>]+>$|%\(|%[A-Z_]+(?:\([^()]*\))?%$|@Microsoft\.KeyVault\(|"
    r"\*{3,}$|[xX]{3,}$|\.{3}$|REDACTED$|\[secret\]|"
    r"ENC\[|(?:vault|ref\+\w+|secretref|secretKeyRef|valueFrom|arn|projects):?[:/]|env[:.]|"
    r"Ag[A-D][A-Za-z0-9+/]{200}|[a-z0-9-]+-(?:credentials?|creds|secrets?|tls)$|\W+$"
)
_PLACE = re.compile(r"(?:~|\.{0,2})(?:/[\w.@-]+)+/?$|file:|[a-z][a-z0-9+.-]*://[^\s@]*$")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")
_KEBAB = re.compile(r"[a-z][a-z0-9]*(?:[-._/][a-z][a-z0-9]*)*$")
_MINGLED = re.compile(r"^(?=.{8})\w*[a-z]\d+[a-z]")
_CAMEL = re.compile(r"(?:[A-Z]?[a-z]+)+$")
_IMAGE_DIGEST = re.compile(r"(?:sha\d+|md5):[0-9a-f]+$")
_SPAN = re.compile(r"\d+(?:\.\d+)?(?:ms|[smhd])?$")
_HARMLESS = _set(
    "none null nil true false yes no on off enabled enable disabled disable required optional "
    "string text boolean strong weak default always never auto automatic managed internal external "
    "basic bearer digest oauth oauth2 oidc jwt mtls tls ldap saml iam kerberos ntlm negotiate aws "
    "gcp azure kubernetes generic md5 trust peer anonymous env file header cookie lax strict same "
    "opaque plain inherit unset empty todo tbd hidden redacted ro rw read write admin user"
)
_WEAK = _set("admin user default anonymous internal external managed")
"""Words that say nothing under other names, and are passwords where one stands."""

_SHORTEST_RANDOM, _SHORTEST_SHAPE, _SHORTEST_ENCODED = 8, 8, 24
NAMES = 4_096
"""Names of which it is remembered what they are; objects use the same ones over and over."""


def words(name: str) -> list[str]:
    """A name's words: `dbPassword`, `DB_PASSWORD` and `db.password` have the same."""
    return [word.lower() for word in _WORD.findall(name)]


def is_secret(name: str, value: object) -> bool:
    """Whether a value is a secret because of the name it stands under.

    Placeholders, places, switches and names of Secrets are none; a name that is only often a
    secret's asks for a value that looks like one.
    """
    known, certainty = _judged(name)
    if certainty == "none" or isinstance(value, bool) or value is None:
        return False
    text = str(value).strip()
    if not isinstance(value, str) or _SPAN.match(text):
        return bool(text) and bool(_PASSWORD.match(known[-1]))
    is_password = bool(_PASSWORD.match(known[-1]))
    harmless = _HARMLESS - _WEAK if is_password else _HARMLESS
    if not text or text.lower() in harmless or is_elsewhere(text):
        return False
    if text == known[-1].capitalize():  # what a page calls the field
        return False
    # `secret: mesh-certs` names a Secret, `secretKey: token` a key of one; what is written in
    # capitals is an environment's own.
    may_name_one = known[-2:] == ["secret", "key"] or (
        known[-1].startswith("secret") and known[-2:-1] not in _SHARED
    )
    if known[-1].endswith("secrets") or (
        may_name_one and not name.isupper() and _KEBAB.match(text)
    ):
        certainty = "likely"
    return certainty == "sure" or (certainty == "likely" and is_random(text))


@lru_cache(NAMES)
def _judged(name: str) -> tuple[list[str], Literal["sure", "likely", "none"]]:
    """A name's words up to the one that says what it is, and how surely it is a secret's."""
    known = words(name)
    while len(known) > 1 and (known[-1] in _SUFFIXES or known[-1].isdigit()):
        known.pop()
    if not known or NO_SECRET & {*words(name)}:
        return known, "none"
    last, before = known[-1], known[-2] if len(known) > 1 else ""
    is_sure = _SURE.search(last) or (last == "key" and before in _SURE_KEYS)
    if is_sure or (before and (last == "pass" or (last == "auth" and name.isupper()))):
        return known, "sure"
    is_key = last == "key" and before and before not in _OTHER_KEYS
    likely = is_key or _LIKELY.search(last) or _PASSWORD.match(last)
    return known, "likely" if likely else "none"


def is_random(text: str) -> bool:
    """Whether a text looks like no word that people use."""
    if any(character.isspace() for character in text):
        return any(is_random(part) for part in text.split())
    if len(text) < _SHORTEST_RANDOM or _UUID.match(text) or _IMAGE_DIGEST.match(text):
        return False
    has_digit, has_lower, has_upper = (
        any(map(test, text)) for test in (str.isdigit, str.islower, str.isupper)
    )
    if _KEBAB.match(text):
        parts = re.split(r"[-._/]", text)
        return has_digit and (len(parts) == 1 or any(map(_MINGLED.search, parts)))
    is_mixed = has_digit + has_lower + has_upper > 1 and not _CAMEL.match(text)
    return is_mixed or ":" in (decoded(text) or "")


def shapes(text: str) -> Iterator[tuple[str, int, int]]:
    """What stands in a text that is a secret by its shape, and from where to where."""
    if len(text) < _SHORTEST_SHAPE:
        return
    for what, pattern in SHAPES:
        for found in pattern.finditer(text):
            yield what, found.start(), found.end()


def decoded(text: str) -> str | None:
    """What a text says that is written in base64; None when it is not."""
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode()
    except (binascii.Error, ValueError):
        return None


def is_encoded(text: str) -> bool:
    """Whether a text is long enough to hide another in base64."""
    return len(text) >= _SHORTEST_ENCODED and not re.search(r"[^A-Za-z0-9+/=\s]", text)


def is_elsewhere(text: str) -> bool:
    """Whether a value only says where the secret is, or that it is left out."""
    return bool(_PLACEHOLDER.match(text) or _PLACE.match(text)) or "${" in text
