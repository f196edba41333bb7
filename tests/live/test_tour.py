"""The tour shows what its page says, from the first stop to the last."""


def show(text, *expected):
    """Each of some texts stands in another, in this order."""
    place = 0
    for each in expected:
        place = text.find(each, place)
        assert place >= 0, f"{each!r} is not shown, or not there:\n{text}"


def test_every_stop_shows_what_the_page_says(platform):
    done = platform.sandbox("tour", "--no-pause", seconds=1500)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    show(
        done.stdout,
        "from api-service stable",
        "403 RBAC: access denied",
        "successfully rolled out",
        "api-pod-failure-now",
        "finished)",
        "chaos                                  passed",
        "error_rate",
        "api-cpu-stress-now",
        "aborted)",
        "The hypothesis did not hold",
        "chaos                                  failed",
    )
    show(
        done.stderr,
        "the gate has nothing against promoting this",
        "the gate would refuse this",
    )
