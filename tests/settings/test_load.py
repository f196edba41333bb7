"""Reading a stack's configuration: what is accepted, and how refusals are told."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from pulumi.runtime import set_all_config

from settings.load import KEYS, load, read
from settings.problems import SettingsError
from settings.secrets import SECRETS, SLACK_TOKEN

ROOT = Path(__file__).parents[2]
STACKS = ("sandbox", "staging", "prod")


def committed(stack):
    values = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]
    return {
        key.removeprefix("brisa-platform:"): value if isinstance(value, str) else json.dumps(value)
        for key, value in values.items()
        if key != f"brisa-platform:{SLACK_TOKEN}"
    }


class TestAccepts:
    def test_a_complete_configuration(self, configuration):
        settings = configuration.read()
        assert [service.name for service in settings.services] == ["web", "api", "jobs"]
        assert settings.gitops.interval == timedelta(minutes=5)

    @pytest.mark.parametrize("stack", STACKS)
    def test_every_committed_stack(self, stack):
        assert read(committed(stack), set(), datetime(2026, 11, 23, tzinfo=UTC)).services

    def test_every_committed_stack_the_whole_year_round(self):
        for week in range(53):
            read(committed("prod"), set(), datetime(2027, 1, 1, tzinfo=UTC) + timedelta(weeks=week))

    def test_a_paused_schedule_in_a_freeze(self, configuration):
        freeze = {"first": "2026-03-09", "last": "2026-03-09", "reason": "release"}
        configuration.set(("chaos", "freezes"), [freeze])
        configuration.set(("chaos", "schedules", 0, "paused"), True)
        assert configuration.read().chaos.schedules[0].paused

    @pytest.mark.parametrize("midnight", ["T00:00:00Z", " 00:00:00 +0000 UTC"])
    def test_an_unquoted_date_as_the_engine_hands_it_over(self, configuration, midnight):
        freeze = {"first": f"2026-05-01{midnight}", "last": f"2026-05-02{midnight}", "reason": "x"}
        settings = configuration.set(("chaos", "freezes"), [freeze]).read()
        assert str(settings.chaos.freezes[0].last) == "2026-05-02"

    def test_experiments_on_unrelated_services_at_a_time(self, configuration):
        configuration.add_schedule(cron="0 3 * * mon", fault={"target": "jobs"})
        assert len(configuration.read().chaos.schedules) == 2

    @pytest.mark.parametrize(
        "path,value",
        [
            (("gitops", "branch"), "feature/JIRA-1+x#2"),
            (("gitops", "repository"), "https://git.example:2222/~team/x.git"),
            (("gitops", "repository"), "https://[2001:db8::1]:8443/x"),
            (("gitops", "kustomizations", 0, "path"), "."),
            (("gitops", "install"), "none"),
            (("cluster", "context"), "arn:aws:eks:eu-west-1:1:cluster/Brisa Prod"),
            (("anomaly", "prometheusUrl"), "http://10.0.0.7/prometheus"),
            (("mesh", "ingress"), {"namespace": "istio-system"}),
            (("observability",), {"namespace": "anomaly-detection"}),
            (("observability",), {"operatorLabels": {"team.example/rules": "yes"}}),
            (("services", 0, "route"), {"canary": {"retired": True}}),
            (("services", 0, "route"), {"timeout": None}),
            (("services", 1, "route"), {"timeout": None}),
            (("services", 1, "route"), {"retries": {"attempts": 0, "retryOn": ["reset"]}}),
            (("services", 0, "image"), {"name": "WEB_IMAGE", "newName": "localhost:5000/team/web"}),
            (
                ("chaos", "window"),
                {"days": ["sun"], "opens": "22:00", "closes": "06:00", "timezone": "Asia/Tokyo"},
            ),
        ],
    )
    def test_what_is_unusual_but_right(self, configuration, path, value):
        assert configuration.set(path, value).read()

    def test_a_single_service_and_nothing_optional(self, configuration):
        configuration.remove(("mesh",)).remove(("chaos",))
        configuration.set(("services",), [{"name": "web", "namespace": "brisa", "port": 80}])
        assert configuration.read().chaos.schedules == ()

    def test_a_run_across_midnight_in_a_window_across_midnight(self, configuration):
        window = {"days": ["mon"], "opens": "22:00", "closes": "06:00", "timezone": "Europe/Madrid"}
        configuration.set(("chaos", "window"), window)
        configuration.set(("chaos", "schedules", 0, "cron"), "50 23 * * mon")
        configuration.set(("chaos", "schedules", 0, "fault", "duration"), "30m")
        assert configuration.read().chaos.schedules

    def test_a_slack_token_only_as_a_secret_output(self, configuration):
        configuration.secrets.add("slackToken")
        configuration.set(("slackToken",), "xoxb-1")

        async def token_and_secrecy():
            token = configuration.read().slack_token
            return await token.future(), await token.is_secret()

        assert asyncio.run(token_and_secrecy()) == ("xoxb-1", True)


class TestTells:
    def test_everything_at_once(self, configuration):
        configuration.set(("environment",), "prod").remove(("gitops", "branch"))
        configuration.set(("services", 0, "port"), 0).set(("mesh", "mtls"), {"mode": "OFF"})
        assert configuration.problems().keys() == {
            "environment",
            "gitops.branch",
            "services[0].port",
            "mesh.mtls.mode",
        }

    def test_what_is_wrong_between_experiments_beside_one_that_cannot_be_read(self, configuration):
        configuration.add_schedule(cron="0 3 * * mon", fault={"name": "second"})
        configuration.add_schedule(fault={"name": "third", "target": "apii"})
        configuration.set(("chaos", "schedules", 0, "fault", "pods"), "all")
        configuration.add_schedule(cron="0 3 * * mon", fault={"name": "fourth"})
        assert configuration.problems().keys() == {
            "chaos.schedules[0].fault.pods",
            "chaos.schedules[2].fault.target",
            "chaos.schedules[3].cron",
        }

    def test_path_value_what_is_allowed_and_the_next_step(self, configuration):
        configuration.set(("services", 0, "port"), 70000)
        with pytest.raises(SettingsError) as caught:
            configuration.read()
        text = str(caught.value)
        assert "1 problem; nothing was changed" in text
        assert "brisa-platform:services[0].port = 70000" in text
        assert "at most 65535" in text
        assert "pulumi config set --path 'brisa-platform:services[0].port' <value>" in text

    def test_a_slip_in_the_name_of_the_project(self, request):
        request.addfinalizer(lambda: set_all_config({}))
        set_all_config({"brisa-platfrom:mesh": "{}", "pulumi:tags": "{}", "aws:region": "x"})
        with pytest.raises(SettingsError) as caught:
            load()
        told = {problem.key for problem in caught.value.problems}
        assert "brisa-platfrom:mesh" in told
        assert not {key for key in told if key.startswith(("pulumi:", "aws:"))}

    def test_a_near_miss(self, configuration):
        problem = configuration.set(("mesh", "defaultDenny"), True).problems()["mesh.defaultDenny"]
        assert "did you mean 'defaultDeny'?" in problem.what

    def test_no_value_of_an_unknown_key(self, configuration):
        with pytest.raises(SettingsError) as caught:
            configuration.set(("gitops", "token"), "xoxb-secret").read()
        assert "xoxb-secret" not in str(caught.value)

    def test_no_password_of_a_url(self, configuration):
        with pytest.raises(SettingsError) as caught:
            configuration.set(("gitops", "repository"), "https://me:hunter2@git.example/x").read()
        assert "hunter2" not in str(caught.value)

    def test_a_plain_text_token_without_showing_it(self, configuration):
        with pytest.raises(SettingsError) as caught:
            configuration.set(("slackToken",), "xoxb-secret").read()
        assert "pulumi config set --secret 'brisa-platform:slackToken'" in str(caught.value)
        assert "xoxb-secret" not in str(caught.value)

    @pytest.mark.parametrize("token", ["", "xoxb secret", "xoxb-secret\n"])
    def test_a_token_that_is_none_without_showing_it(self, configuration, token):
        configuration.secrets.add("slackToken")
        problem = configuration.set(("slackToken",), token).problems()["slackToken"]
        assert problem.what == "is empty or has blanks in it"
        assert problem.value is None

    @pytest.mark.parametrize(
        "path,value",
        [
            (("cluster", "kubeconfig"), "apiVersion: v1\ntoken: hunter2"),
            (("anomaly", "prometheusUrl"), "http://prometheus/?token=hunter2"),
            (("gitops", "slack"), {"address": "https://hooks.slack.com/services/hunter2"}),
        ],
    )
    def test_no_secret_that_lies_where_none_belongs(self, configuration, path, value):
        with pytest.raises(SettingsError) as caught:
            configuration.set(path, value).read()
        assert "hunter2" not in str(caught.value)

    @pytest.mark.parametrize(
        "path,value,command",
        [
            (("services", 0, "port"), "80", "--path 'brisa-platform:services[0].port' <value>"),
            (("mesh", "imageTag"), 1.31, "--path --type string 'brisa-platform:mesh.imageTag'"),
            (
                ("anomaly", "thresholds"),
                {"zscore": "3"},
                "--path --type float 'brisa-platform:anomaly.thresholds.zscore'",
            ),
            (("mesh", "mtsl"), {}, "pulumi config rm --path 'brisa-platform:mesh.mtsl'"),
            (("mesh", "mtls"), "STRICT", "write brisa-platform:mesh.mtls in the stack file"),
        ],
    )
    def test_a_next_step_that_gives_the_right_type(self, configuration, path, value, command):
        with pytest.raises(SettingsError) as caught:
            configuration.set(path, value).read()
        assert command in str(caught.value)

    def test_a_wrong_entry_once_and_not_its_list_as_too_short(self, configuration):
        configuration.set(("gitops", "kustomizations", 0, "name"), "All")
        assert configuration.problems().keys() == {"gitops.kustomizations[0].name"}

    def test_a_long_story_in_short(self, configuration):
        configuration.set(("services", 0, "name"), "a" * 100_000)
        with pytest.raises(SettingsError) as caught:
            configuration.read()
        assert len(str(caught.value)) < 2_000

    def test_a_secret_in_another_area_without_showing_it(self, configuration):
        configuration.secrets.add("gitops")
        with pytest.raises(SettingsError) as caught:
            configuration.set(("gitops",), "hunter2").read()
        assert "brisa-platform:gitops" in str(caught.value)
        assert "hunter2" not in str(caught.value)


def test_the_schema_in_the_project_file_describes_every_key():
    schema = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    described = {key.removeprefix("brisa-platform:") for key in schema if "brisa-platform:" in key}
    # The engine knows no optional secret: a typed key is either required or has a plain default.
    assert described == set(KEYS) - set(SECRETS)
    assert all(schema[f"brisa-platform:{key}"]["description"] for key in described)
