import pytest
from pydantic import ValidationError

from anomaly.config.receivers import Results

AT = {"url": "http://alertmanager:9093"}


@pytest.mark.parametrize(
    "document,what",
    [
        ({"slack": {"webhook": "https://hooks/T/B/x"}}, "slack.webhook"),
        ({"slack": {}}, "slack.webhook"),
        ({"dashboard_url": "grafana"}, "dashboard_url"),
        ({"dashboard_url": "https://g/{servcie}"}, r"has \{servcie\}, which nobody fills in"),
        ({"dashboard_url": "https://g/{service"}, "is no template"),
        ({"runbook_url": "https://g/{service.__class__}"}, "which nobody fills in"),
        ({"alertmanager": AT | {"labels": {"key": "x"}}}, "'key' cannot be a label"),
        ({"alertmanager": AT | {"labels": {"a-b": "x"}}}, "'a-b' cannot be a label"),
        ({"alertmanager": AT | {"replicas": ["nowhere"]}}, "replicas.0"),
        ({"remote_write": {"url": "http://p/api/v1/write", "outputs": ["y"]}}, "outputs.0"),
        ({"pagerduty": {"routing_key": {"env": "K"}, "min_severity": "page"}}, "min_severity"),
        ({"email": {}}, "email"),
    ],
)
def test_mistakes_are_told(document, what):
    with pytest.raises(ValidationError, match=what):
        Results.model_validate(document)


def test_nobody_is_told_unless_named():
    assert not any(getattr(Results(), name) for name in Results.model_fields)
