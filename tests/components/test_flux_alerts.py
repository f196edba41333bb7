import base64

import pulumi
import pytest

from components.flux_alerts import FluxAlerts
from vocabulary.kinds import ALERT, ALERT_PROVIDER, SECRET

TOKEN = "xoxb-not-to-be-seen"


@pytest.fixture
def alerts(deploy, gitops):
    """Deploy the alerts of an area."""

    def run(token=None, **keys):
        settings = gitops(**keys)

        def program():
            given = pulumi.Output.secret(token) if token else None
            return FluxAlerts("alerts", settings, environment="staging", token=given)

        return deploy(program)

    return run


class TestMessages:
    def test_they_go_to_the_channel_with_a_token_that_only_its_secret_holds(self, alerts):
        provider = alerts().one(ALERT_PROVIDER)
        assert provider.where == ("flux-system", "slack")
        assert provider.spec == {
            "type": "slack",
            "channel": "#deployments",
            "address": "https://slack.com/api/chat.postMessage",
            "secretRef": {"name": "slack-token"},
        }

    def test_they_are_about_the_source_and_every_path(self, alerts):
        kustomizations = [{"name": name, "path": name} for name in ("infra", "apps")]
        spec = alerts(kustomizations=kustomizations).one(ALERT).spec
        assert spec["eventSources"] == [
            {"kind": "GitRepository", "name": "brisa-infrastructure"},
            {"kind": "Kustomization", "name": "infra"},
            {"kind": "Kustomization", "name": "apps"},
        ]

    def test_they_say_which_environment_they_come_from(self, alerts):
        assert alerts().one(ALERT).spec["eventMetadata"] == {"environment": "staging"}

    def test_failures_only_when_asked(self, alerts):
        assert alerts(slack={"severity": "error"}).one(ALERT).spec["eventSeverity"] == "error"

    def test_fields_that_flux_2_10_dropped_are_not_used(self, alerts):
        graph = alerts()
        assert "summary" not in graph.one(ALERT).spec
        assert {"interval", "proxy"}.isdisjoint(graph.one(ALERT_PROVIDER).spec)


class TestToken:
    def test_it_is_kept_as_a_secret_and_in_no_other_object(self, alerts):
        graph = alerts(token=TOKEN)
        secret = graph.one(SECRET)
        assert secret.where == ("flux-system", "slack-token")
        assert base64.b64decode(secret.inputs["data"]["token"]).decode() == TOKEN
        assert any("data.token".startswith(path) for path in secret.secrets)
        others = [item for item in graph if item is not secret]
        assert TOKEN not in str([(item.inputs, item.outputs) for item in others])

    def test_it_is_there_before_the_provider_that_reads_it(self, alerts):
        graph = alerts(token=TOKEN)
        assert graph.waits(graph.one(ALERT_PROVIDER), graph.one(SECRET))
        assert graph.waits(graph.one(ALERT), graph.one(ALERT_PROVIDER))

    def test_without_one_the_secret_is_somebody_elses(self, alerts):
        assert alerts().all(SECRET) == []


def test_nobody_is_told_when_the_stack_says_so(alerts):
    graph = alerts(token=TOKEN, slack=None)
    assert graph.objects == []
