"""Sources are fetched over a connection that proves who answers."""

import re
from collections.abc import Iterator

from policy.cel import Check, Validation
from policy.config import RuleConfig
from policy.findings import Finding
from policy.resources import Field, Resource
from policy.rule import CRITICAL, ResourceRule
from vocabulary.kinds import (
    BUCKET,
    FLUX_INSTANCE,
    GIT_REPOSITORY,
    HELM_REPOSITORY,
    OCI_REPOSITORY,
)

SCHEMES = ("https", "ssh", "oci")
PASSWORD = re.compile(r"://[^/@\s]*:[^/@\s]*@|^https://[^/@\s]+@")


def check(resource: Resource, _: RuleConfig) -> Iterator[Finding]:
    """The URL's scheme, no password in it, and no `insecure`."""
    spec = resource["spec"]
    if resource.is_a(BUCKET):
        yield from _secure(spec["insecure"])
        return
    url = spec["sync"]["url"] if resource.is_a(FLUX_INSTANCE) else spec["url"]
    text = url.text()
    if text is not None:
        if text.partition("://")[0] not in SCHEMES or "://" not in text:
            yield url.finding(f"{url} is not fetched safely; use {':// or '.join(SCHEMES)}://")
        if PASSWORD.search(text):
            yield url.finding("there are credentials in the URL; move them to the secretRef")
    yield from _secure(spec["insecure"])


def _secure(insecure: Field) -> Iterator[Finding]:
    if insecure.flag():
        yield insecure.finding("true takes any answer, from anybody; remove it")


def admission(_: RuleConfig) -> Iterator[Check]:
    """The same for the API server."""
    pattern = "'^(https://[^/@]+(/|$)|ssh://|oci://)'"
    sources = (GIT_REPOSITORY, OCI_REPOSITORY, HELM_REPOSITORY)
    message = "spec.url must begin with https://, ssh:// or oci://, without credentials"
    yield Check(
        kinds=sources, validations=(Validation(f"object.spec.url.matches({pattern})", message),)
    )
    yield Check(
        name="insecure",
        kinds=(OCI_REPOSITORY, HELM_REPOSITORY, BUCKET),
        validations=(
            Validation(
                "!has(object.spec.insecure) || !object.spec.insecure",
                "spec.insecure must not be set",
            ),
        ),
    )
    yield Check(
        name="instances",
        kinds=(FLUX_INSTANCE,),
        validations=(
            Validation(
                f"!has(object.spec.sync) || object.spec.sync.url.matches({pattern})",
                message.replace("spec.url", "spec.sync.url"),
            ),
        ),
    )


RULE = ResourceRule(
    id="flux-source-scheme",
    severity=CRITICAL,
    summary="Flux fetches sources over https, ssh or oci only, without credentials in the URL.",
    reason="Whoever answers in place of the real server over http or git:// decides what runs in "
    "the cluster; credentials in a URL are readable by everybody who may read the object.",
    fix="Use an https:// or ssh:// URL and put credentials into a Secret named by secretRef.",
    kinds=(GIT_REPOSITORY, OCI_REPOSITORY, HELM_REPOSITORY, BUCKET, FLUX_INSTANCE),
    check=check,
    admission=admission,
    example="""\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: brisa-infrastructure, namespace: flux-system}
spec:
  interval: 5m0s
  url: https://github.com/albertodimas/brisa-cubana-clean-intelligence
  ref: {branch: main}
""",
)
