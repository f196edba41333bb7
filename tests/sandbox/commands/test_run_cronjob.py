import argparse

import pytest

from sandbox.commands.run_cronjob import _indexes, _mapping
from sandbox.errors import UsageError
from sandbox.pods.job import Job


@pytest.fixture
def job():
    def make(indexes):
        return Job("home", "report", {}, {}, {}, range(indexes), None)

    return make


class TestMapping:
    @pytest.mark.parametrize(
        "text,pair",
        [
            ("a.b:90=http://127.0.0.1:1", ("a.b:90", "http://127.0.0.1:1")),
            ("hooks.example=https://x/path", ("hooks.example", "https://x/path")),
        ],
    )
    def test_is_an_address_and_a_url(self, text, pair):
        assert _mapping(text) == pair

    @pytest.mark.parametrize(
        "text", ["a.b", "a.b=", "=http://x", "http://a.b=http://x", "a.b=x:1", r"a.b=http://x\1"]
    )
    def test_anything_else_is_refused_with_an_example(self, text):
        with pytest.raises(argparse.ArgumentTypeError, match="such as prometheus"):
            _mapping(text)


class TestIndexes:
    def test_a_plain_job_is_run_once(self, job):
        assert _indexes(job(0), None) == [None]

    def test_an_indexed_job_is_run_wholly_or_as_asked(self, job):
        assert _indexes(job(3), None) == [0, 1, 2]
        assert _indexes(job(3), 1) == [1]

    @pytest.mark.parametrize("indexes,there", [(3, "0 to 2"), (0, "its Job is not Indexed")])
    def test_a_pod_that_is_not_there_is_refused(self, job, indexes, there):
        with pytest.raises(UsageError, match=there):
            _indexes(job(indexes), 7)
