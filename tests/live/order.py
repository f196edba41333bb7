"""Which live tests share one platform, and in which order; the others have a node each."""

from xdist.scheduler import LoadScopeScheduling

ON_THE_PLATFORM = {
    "test_gitops.py": 1,  # breaks nothing, while the detector waits for something to judge by
    "test_gitops_features.py": 1,
    "test_tour.py": 2,  # it promotes what is quiet, and waits until the detector knows enough
    "test_detector.py": 3,
    "test_chaos.py": 4,
    "test_mesh.py": 4,
    "test_mesh_features.py": 4,
    "test_down.py": 5,  # it leaves nothing to test
}


def turn(file: str) -> int:
    """When the tests of a file come; 0 for those that share nothing."""
    return ON_THE_PLATFORM.get(file, 0)


class BesideThePlatform(LoadScopeScheduling):
    """One worker for what shares the platform and one for the rest: both wait more than work."""

    def _split_scope(self, nodeid: str) -> str:
        shared = turn(nodeid.partition("::")[0].rpartition("/")[2])
        return "platform" if shared else "nodes"
