"""The tour shows what its page says, from the first stop to the last."""


def test_every_stop_shows_what_the_page_says(platform):
    done = platform.sandbox("tour", "--no-pause", seconds=1500)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    shown = [
        "from api-service stable",
        "403 RBAC: access denied",
        "successfully rolled out",
        "api-pod-failure-now",
        "finished)",
        "error_rate",
        "api-cpu-stress-now",
        "aborted)",
        "The hypothesis did not hold",
        "chaos                                  failed",
        "the gate would refuse this",
    ]
    place = 0
    for each in shown:
        place = (done.stdout + done.stderr).find(each, place)
        assert place >= 0, f"{each!r} is not shown, or not there:\n{done.stdout}"
