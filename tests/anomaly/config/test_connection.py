import pytest
from pydantic import ValidationError

from anomaly.config.endpoint import Connection


@pytest.mark.parametrize(
    "settings,what",
    [
        ({"max_points_per_query": 11_001}, "less than or equal to 11000"),
        ({"max_points_per_query": 0}, "greater than or equal to 1"),
        ({"max_response_bytes": 10}, "greater than or equal to 65536"),
        ({"parameters": {"query": "up", "dedup": "true"}}, "the reader decides about query"),
    ],
)
def test_mistakes_are_told(settings, what):
    with pytest.raises(ValidationError, match=what):
        Connection.model_validate({"url": "http://prometheus:9090"} | settings)
