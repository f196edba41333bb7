import pytest

from policy.rules.platform_no_plaintext_secrets import RULE
from tests.policy.contract import RuleContract, case, judge

CONFIG = 'data["config.yaml"]'
PRIVATE_KEY = "-----BEGIN RSA PRIVATE KEY" + "-----\nMIIE"
# Put together here, so that no scanner takes the tests for a leak.
SLACK = "https://hooks.slack.com/" + "services/T000/B000/XXXXXXXX"
GITHUB = "ghp_" + "a" * 36

CRON_JOB = """\
apiVersion: batch/v1
kind: CronJob
spec: {{jobTemplate: {{spec: {{template: {{spec: {{containers: [{{env: [{env}]}}]}}}}}}}}}}
"""
ENV = "spec.jobTemplate.spec.template.spec.containers[0].env[0].value"


class TestNoPlaintextSecrets(RuleContract):
    rule = RULE
    good = {
        "a Secret": case({"kind": "Secret", "data": {"token": "c2VjcmV0c2VjcmV0"}}),
        "a reference": case(
            objects=CRON_JOB.format(
                env="{name: SLACK_TOKEN, valueFrom: {secretKeyRef: {name: slack, key: token}}}"
            )
        ),
        "a name that only mentions one": case(
            objects=CRON_JOB.format(env="{name: TOKEN_FILE, value: /var/run/token}")
        ),
        "a URL with a user": case({CONFIG: "url: ssh://git@github.com/x/y"}),
        "a placeholder": case({CONFIG: "password: ${DATABASE_PASSWORD}"}),
        "words about secrets": case({CONFIG: "# the secret is mounted\nsecret_name: slack-token"}),
        "a public certificate": case({CONFIG: "-----BEGIN CERTIFICATE-----"}),
    }
    bad = {
        "a Slack webhook": case({CONFIG: SLACK}, CONFIG, says="Slack webhook"),
        "a GitHub token": case({CONFIG: f"x {GITHUB} y"}, CONFIG),
        "an AWS key": case({CONFIG: "AKIA" + "ABCDEFGHIJKLMNOP"}, CONFIG),
        "a private key": case({CONFIG: PRIVATE_KEY}, CONFIG),
        "a web token": case({CONFIG: "eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl"}, CONFIG),
        "a password in a URL": case({CONFIG: "url: postgres://app:hunter2@db/app"}, CONFIG),
        "a bearer token": case({CONFIG: "Authorization: Bearer abcdefghijklmnopqrst"}, CONFIG),
        "a line that sets one": case({CONFIG: "a: 1\npassword: correcthorse"}, CONFIG),
        "a key that says so": case({"data.SLACK_TOKEN": "correcthorse"}, "data.SLACK_TOKEN"),
        "an environment variable": case(
            {}, ENV, objects=CRON_JOB.format(env="{name: DB_PASSWORD, value: correcthorse}")
        ),
        "in a custom resource": case(
            {
                "apiVersion": "notification.toolkit.fluxcd.io/v1beta3",
                "kind": "Provider",
                "spec": {"address": SLACK},
            },
            "spec.address",
        ),
        "in the values of a release": case(
            {
                "apiVersion": "helm.sh/v3",
                "kind": "Release",
                "values": {"list": [{"deep": GITHUB}]},
            },
            "values.list[0].deep",
        ),
        "in an annotation": case(
            {"metadata.annotations": {"note": f"use {GITHUB}"}}, "metadata.annotations.note"
        ),
    }

    @pytest.mark.parametrize(
        "name", ["a GitHub token", "a password in a URL", "a line that sets one"]
    )
    def test_the_secret_is_not_repeated(self, name):
        given = self.bad[name]
        texts = " ".join(str(f) for f in judge(RULE, self.manifests(given), given).findings)
        assert GITHUB not in texts
        assert "hunter2" not in texts
        assert "correcthorse" not in texts
