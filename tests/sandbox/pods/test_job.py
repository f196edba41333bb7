import pytest

from sandbox.errors import PodError


class TestIndexes:
    def test_a_plain_job_has_one_pod_without_index(self, job):
        assert list(job().indexes) == []
        assert job().given_environment(None) == {"HOSTNAME": "report"}

    def test_an_indexed_job_has_one_pod_for_each(self, job):
        shards = job(more={"completionMode": "Indexed", "completions": 3})
        assert list(shards.indexes) == [0, 1, 2]
        assert shards.given_environment(2) == {"HOSTNAME": "report-2", "JOB_COMPLETION_INDEX": "2"}


class TestDeadline:
    def test_is_the_jobs(self, job):
        assert job(more={"activeDeadlineSeconds": 300}).deadline_seconds == 300

    def test_there_may_be_none(self, job):
        assert job().deadline_seconds is None


@pytest.mark.parametrize("place", ["containers", "initContainers"])
def test_a_pod_of_several_containers_is_refused_with_their_names(job, place):
    first, second = {"name": "first"}, {"name": "second"}
    pods = {
        "containers": {"containers": [first, second]},
        "initContainers": {"initContainers": [first], "containers": [second]},
    }
    with pytest.raises(PodError, match=r"2 containers \(first, second\)"):
        _ = job(pod=pods[place]).container
