import io
import os
import shutil
import subprocess
import sys
import zipfile

import pytest

from components.anomaly_bundle import LIMIT, PACKAGE, BundleError, bundle, fingerprint


@pytest.fixture
def package(tmp_path):
    copy = tmp_path / "anomaly"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def names(content):
    return zipfile.ZipFile(io.BytesIO(content)).namelist()


class TestBundle:
    def test_it_holds_the_package_and_a_start(self):
        assert {"__main__.py", "anomaly/__init__.py", "anomaly/cli/main.py"} <= set(names(bundle()))

    def test_it_holds_nothing_that_only_people_run(self):
        offline = ("offline/", "plotting/", "cli/backtest")
        assert not [name for name in names(bundle()) for part in offline if part in name]

    def test_it_runs_by_itself_and_says_what_it_lacks(self, tmp_path):
        path = tmp_path / "anomaly.pyz"
        path.write_bytes(bundle())
        for words, code, said in (
            (["run", "--help"], 0, "--config"),
            (["check", "--help"], 0, "--minutes"),
            (["backtest", "--last", "14d"], 2, "backtest is not in the pod"),
        ):
            done = subprocess.run(
                [sys.executable, "-I", str(path), *words],
                capture_output=True, text=True, check=False, cwd=tmp_path,
            )  # fmt: skip
            assert (done.returncode, said in done.stdout + done.stderr) == (code, True), done.stderr

    def test_it_fits_into_a_config_map(self):
        assert len(bundle()) < 0.8 * LIMIT

    def test_a_package_that_does_not_fit_is_refused(self, package):
        (package / "errors.py").write_bytes((package / "errors.py").read_bytes() + b"#" * LIMIT)
        with pytest.raises(BundleError, match="a ConfigMap holds"):
            bundle(package)


class TestSameBytes:
    def test_whenever_and_wherever_it_is_packed(self, package):
        for path in package.rglob("*.py"):
            os.utime(path, (1, 1))
            path.chmod(0o600)
        assert bundle(package) == bundle()

    def test_whatever_lies_beside_the_modules(self, package):
        (package / "__pycache__").mkdir()
        (package / "__pycache__" / "cli.cpython-311.pyc").write_bytes(b"compiled")
        (package / "Dockerfile").write_text("FROM scratch")
        assert bundle(package) == bundle()

    def test_other_bytes_for_other_code(self, package):
        (package / "cli.py").write_text("changed = True\n")
        assert fingerprint(bundle(package)) != fingerprint(bundle())
