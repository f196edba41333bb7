import stat
from pathlib import Path

import pytest

from sandbox.errors import PodError, UsageError
from sandbox.pods.process import Folders, Pod


@pytest.fixture
def folders(tmp_path):
    return Folders(tmp_path / "pod", tmp_path / "claims")


@pytest.fixture
def shell(job, objects):
    """A pod that runs a shell script and mounts some volumes, by their mount paths."""

    def make(script, *, mounts=None, more=None, **container):
        sources = list((mounts or {}).items())
        volumes = [{"name": f"v{n}", **source} for n, (_, source) in enumerate(sources)]
        places = [{"name": f"v{n}", "mountPath": path} for n, (path, _) in enumerate(sources)]
        return job(
            pod={"volumes": volumes, **(more or {})},
            command=["sh", "-euc", script],
            volumeMounts=places,
            **container,
        )

    def run(*arguments, **keys):
        return Pod.of(make(*arguments, **keys), None, objects)

    return run


class TestCommand:
    def test_its_exit_code_is_the_pods(self, shell, folders):
        assert shell("exit 3").run(folders, {}) == 3

    def test_a_signal_counts_as_shells_count_it(self, shell, folders):
        assert shell("kill -TERM $$$$").run(folders, {}) == 128 + 15

    def test_its_words_may_refer_to_variables(self, shell, folders, capfd):
        shell("echo $(WORD)", env=[{"name": "WORD", "value": "hello"}]).run(folders, {})
        assert capfd.readouterr().out == "hello\n"

    def test_nothing_of_the_callers_environment_reaches_it(
        self, shell, folders, capfd, monkeypatch
    ):
        monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "hunter2")
        shell("env").run(folders, {})
        names = {line.partition("=")[0] for line in capfd.readouterr().out.splitlines()}
        assert names - {"PWD", "SHLVL", "_", "OLDPWD"} == {"PATH", "HOME", "TMPDIR", "HOSTNAME"}

    def test_python_is_this_one_with_its_packages(self, job, objects, folders, capfd):
        made = job(command=["python", "-c", "import numpy, sys; print(sys.prefix)"])
        assert Pod.of(made, None, objects).run(folders, {}) == 0
        assert Path(capfd.readouterr().out.strip()).is_dir()

    def test_a_program_that_is_not_here_is_named(self, job, objects, folders):
        pod = Pod.of(job(command=["no-such-program"]), None, objects)
        with pytest.raises(PodError, match="no-such-program is not on this machine"):
            pod.run(folders, {})

    def test_a_container_that_leaves_it_to_its_image_is_refused(self, job, objects):
        with pytest.raises(PodError, match="has no command"):
            Pod.of(job(command=[]), None, objects)

    def test_it_is_ended_when_the_job_may_not_take_longer(self, shell, folders):
        pod = shell("exec sleep 60", more={"terminationGracePeriodSeconds": 1})
        with pytest.raises(PodError, match="activeDeadlineSeconds"):
            pod.run(folders, {}, timeout=0.2)


class TestFiles:
    def test_lie_where_they_are_mounted_and_paths_inside_lead_there(
        self, shell, folders, objects, capfd
    ):
        objects.config_map("settings", {"path": "/secrets/token"})
        objects.secret("keys", {"token": "hunter2"})
        mounts = {
            "/settings": {"configMap": {"name": "settings"}},
            "/secrets": {"secret": {"secretName": "keys"}},
        }
        shell("cat $(cat /settings/path)", mounts=mounts).run(folders, {})
        assert capfd.readouterr().out == "hunter2"

    def test_are_for_their_owner_only(self, shell, folders, objects):
        objects.secret("keys", {"token": "hunter2"})
        shell("true", mounts={"/secrets": {"secret": {"secretName": "keys"}}}).run(folders, {})
        (token,) = folders.pod.rglob("token")
        assert stat.S_IMODE(token.stat().st_mode) & 0o077 == 0
        assert stat.S_IMODE(token.parent.stat().st_mode) == 0o700

    def test_that_are_no_text_stay_as_they_are(self, shell, folders, objects, capfd):
        content = b"\xff/secrets/\0"
        objects.config_map("settings", binary={"blob": content})
        mounts = {"/secrets": {"emptyDir": {}}, "/s": {"configMap": {"name": "settings"}}}
        shell("cat /s/blob", mounts=mounts).run(folders, {})
        assert folders.pod.joinpath("volumes/v1/blob").read_bytes() == content

    def test_a_mount_may_be_a_part_of_a_volume(self, job, objects, folders, capfd):
        objects.config_map("settings", {"a": "1"})
        volume = {"name": "v", "configMap": {"name": "settings"}}
        made = job(
            pod={"volumes": [volume]},
            command=["cat", "/etc/one"],
            volumeMounts=[{"name": "v", "mountPath": "/etc/one", "subPath": "a"}],
        )
        Pod.of(made, None, objects).run(folders, {})
        assert capfd.readouterr().out == "1"

    def test_temporary_ones_go_where_tmp_is_mounted(self, shell, folders):
        shell("touch $TMPDIR/x", mounts={"/tmp": {"emptyDir": {}}}).run(folders, {})
        assert folders.pod.joinpath("volumes/v0/x").exists()

    def test_of_a_claim_stay(self, shell, folders, objects, tmp_path):
        objects.claim("state")
        pod = shell(
            "echo x >> /state/f",
            mounts={"/state": {"persistentVolumeClaim": {"claimName": "state"}}},
        )
        pod.run(folders, {})
        pod.run(Folders(tmp_path / "next", folders.claims), {})
        assert folders.claims.joinpath("state/f").read_text() == "x\nx\n"


class TestAddresses:
    def test_lead_elsewhere_in_command_variables_and_files(self, shell, folders, objects, capfd):
        objects.secret("keys", {"hook": "https://hooks.example/a"})
        pod = shell(
            "echo http://a.b:1/x $B; cat /keys/hook",
            env=[{"name": "B", "value": "http://a.b:1/y"}],
            mounts={"/keys": {"secret": {"secretName": "keys"}}},
        )
        mapped = {"a.b:1": "http://127.0.0.1:7", "hooks.example": "http://127.0.0.1:8"}
        assert pod.check(mapped) == []
        pod.run(folders, mapped)
        assert capfd.readouterr().out == (
            "http://127.0.0.1:7/x http://127.0.0.1:7/y\nhttp://127.0.0.1:8/a"
        )

    def test_that_occur_nowhere_are_refused(self, shell):
        with pytest.raises(UsageError, match=r"--map a\.c: no such address"):
            shell("echo http://a.b:1").check({"a.c": "http://127.0.0.1:7"})

    def test_of_the_cluster_that_lead_nowhere_are_told(self, shell):
        pod = shell("echo http://a.b.svc:1 http://c.d.svc:2")
        assert pod.check({"a.b.svc:1": "http://127.0.0.1:7"}) == ["c.d.svc:2"]
