"""What the original design got wrong is named in the migration page, and advised nowhere."""

import re

import pytest

from tests.docs.pages import ROOT, Page, pages

MIGRATION = "docs/migration.md"
WRONG = {
    "an annotation without effect": r"(?<!experiment\.)chaos-mesh\.org/pause",
    "no such resource": r"kubectl get chaos\b",
    "gone with Chaos Mesh 2.8": r"\bchaosctl\b",
    "gone with Chaos Mesh 2.0": r"scheduler\.cron|^\s*scheduler:",
    "leaves the fault in the pods": r"finalizers\W+\[\]",
    "gone with Istio 1.5": r"authn tls-check",
    "accepted, and does nothing": r"consecutiveErrors\W*:\W*\d",
    "no such profile": r"profile=production",
    "the sidecar is not in the Deployment": r"set resources .*istio-proxy",
    "a deprecated alias": r"\bLEAST_CONN\b",
    # Of EnvoyFilter there is no newer one.
    "an old API version": (
        r"(networking|security)\.istio\.io/v1(beta1|alpha3)(?!\s+kind: EnvoyFilter)"
    ),
    "that label is the full host name": r'destination_service="[\w-]+"',
    "needs --path": r"flux diff kustomization (?!.*--path)",
    "a metric that never was, or is no longer": (
        r"flux_resource_(sync_duration|last_successful)|chaos_mesh_experiment|"
        r"gotk_reconcile_condition"
    ),
}


def advised(page: Page) -> list[str]:
    return [
        f"{found[0]}: {why}"
        for why, pattern in WRONG.items()
        for found in re.finditer(pattern, page.text, re.MULTILINE)
    ]


@pytest.mark.parametrize(
    "page", [page for page in pages() if page.name != MIGRATION], ids=lambda page: page.name
)
def test_nothing_that_is_known_to_be_wrong_is_advised(page):
    assert not advised(page)


def test_the_patterns_find_what_the_migration_page_corrects():
    found = " ".join(advised(Page(ROOT / MIGRATION)))
    for corrected in ("chaos-mesh.org/pause", "kubectl get chaos", "authn tls-check", "LEAST_CONN"):
        assert corrected in found


def test_the_migration_page_links_the_rules_that_enforce_it():
    links = Page(ROOT / MIGRATION).links
    for rule in ("mesh-consecutive-errors", "chaos-only-schedules", "mesh-weights-sum-100"):
        assert f"policies/{rule}.md" in links
