"""A tool is built once, whoever asks, and what lies in the cache is never half."""

import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from sandbox.errors import BuildError, DiskFullError, RegistryError
from sandbox.toolchain.build import Builder, batches
from sandbox.toolchain.locate import cached_program, find


@pytest.fixture
def reported():
    return []


@pytest.fixture
def alone(gadget):
    (batch,) = batches([gadget])
    return batch


@pytest.fixture
def builder(fake_go):
    return Builder(fake_go.go)


def wait_until(condition):
    ticker = threading.Event()
    for _ in range(400):
        if condition():
            return
        ticker.wait(0.05)
    raise AssertionError("never happened")


class TestBuilding:
    def test_the_program_is_built_and_says_its_version(self, builder, alone, reported):
        program = builder.build(alone, reported.append)["gadget"]
        answer = subprocess.run([program], capture_output=True, text=True, check=True)
        assert answer.stdout == "gadget version 1.2.3\n"

    def test_progress_is_reported(self, builder, alone, reported):
        builder.build(alone, reported.append)
        assert reported == [
            "downloading module 1: example.org/dependency",
            "compiled 1 packages: example.org/dependency",
        ]

    def test_a_built_program_is_not_built_again(self, builder, alone, fake_go, reported):
        assert builder.build(alone, reported.append) == builder.build(alone, reported.append)
        assert fake_go.builds() == 1

    def test_concurrent_builders_build_once_and_the_second_says_it_waits(
        self, builder, alone, fake_go, reported
    ):
        fake_go.block()
        with ThreadPoolExecutor() as pool:
            first = pool.submit(builder.build, alone, lambda _: None)
            wait_until(lambda: fake_go.builds() == 1)
            second = pool.submit(Builder(fake_go.go).build, alone, reported.append)
            wait_until(lambda: reported)
            fake_go.unblock()
            assert first.result() == second.result()
        assert fake_go.builds() == 1
        assert "builds it, waiting" in reported[0]


@pytest.fixture
def gizmo(gadget):
    return replace(gadget, name="gizmo", package="example.org/other/gizmo", variables=("x.y=z",))


class TestBatches:
    def test_tools_of_one_recipe_are_built_by_one_command(
        self, builder, gadget, gizmo, fake_go, reported
    ):
        (batch,) = batches([gadget, gizmo])
        programs = builder.build(batch, reported.append)
        assert fake_go.builds() == 1
        for tool in (gadget, gizmo):
            assert find(tool, fake_go.go) == programs[tool.name]
            assert programs[tool.name].name == tool.name

    def test_only_what_is_missing_is_built(self, builder, gadget, gizmo, fake_go, reported):
        first = builder.build(batches([gadget])[0], reported.append)
        before = first["gadget"].stat().st_mtime_ns
        (batch,) = batches([gadget, gizmo])
        programs = builder.build(batch, reported.append)
        assert programs["gadget"].stat().st_mtime_ns == before
        assert find(gizmo, fake_go.go)
        assert fake_go.builds() == 2

    def test_what_the_linker_stamps_into_one_is_told_for_all(self, gadget, gizmo):
        (batch,) = batches([gadget, gizmo])
        assert "-X x.y=z" in batch.flags[-1]

    @pytest.mark.parametrize(
        "other",
        [{"tags": ("small",)}, {"compiler_flags": ("x/...=-l",)}, {"cgo": True}, {"module": "b"}],
    )
    def test_other_recipes_are_built_apart(self, gadget, gizmo, other):
        apart = batches([gadget, replace(gizmo, **other)])
        assert [[tool.name for tool in batch.tools] for batch in apart] == [["gadget"], ["gizmo"]]

    def test_a_batch_is_called_after_its_first_tool(self, gadget, gizmo):
        assert [batch.title for batch in batches([gadget, gizmo])] == ["gadget and 1 more"]


class TestInterruption:
    def test_an_unfinished_build_is_never_taken_for_the_program(
        self, builder, alone, gadget, fake_go, reported
    ):
        fake_go.block()
        with ThreadPoolExecutor() as pool:
            building = pool.submit(builder.build, alone, reported.append)
            wait_until(lambda: list(fake_go.go.cache.glob("bin/.unfinished-*/gadget")))
            assert find(gadget, fake_go.go) is None
            builder.cancel()
            with pytest.raises(BuildError):
                building.result()
        assert find(gadget, fake_go.go) is None

    def test_after_an_interruption_the_same_command_finishes_and_tidies_up(
        self, builder, alone, gadget, fake_go, reported
    ):
        leftover = cached_program(gadget, fake_go.go).parent
        leftover = leftover.with_name(f".unfinished-{leftover.name}-abc")
        leftover.mkdir(parents=True)
        (leftover / "gadget").write_text("half")
        program = builder.build(alone, reported.append)["gadget"]
        assert find(gadget, fake_go.go) == program
        assert not leftover.exists()

    def test_what_was_built_with_others_and_killed_is_tidied_up_too(
        self, builder, alone, gadget, gizmo, fake_go
    ):
        builder.build(alone, lambda _: None)
        first = cached_program(gadget, fake_go.go).parent
        leftover = first.with_name(f".unfinished-{first.name}-abc")
        leftover.mkdir()
        builder.build(batches([gadget, gizmo])[0], lambda _: None)
        assert not list(first.parent.glob(".unfinished-*"))

    def test_a_failure_leaves_nothing_behind(self, builder, alone, gadget, fake_go):
        fake_go.fail("x/y.go:1:2: undefined: z")
        with pytest.raises(BuildError):
            builder.build(alone, lambda _: None)
        assert not list((fake_go.go.cache / "bin").glob(".unfinished-*"))

    def test_a_waiting_builder_can_be_cancelled(self, builder, alone, fake_go, reported):
        waiting = Builder(fake_go.go)
        fake_go.block()
        with ThreadPoolExecutor() as pool:
            pool.submit(builder.build, alone, lambda _: None)
            wait_until(lambda: fake_go.builds() == 1)
            second = pool.submit(waiting.build, alone, reported.append)
            wait_until(lambda: reported)
            waiting.cancel()
            with pytest.raises(BuildError, match="cancelled"):
                second.result()
            fake_go.unblock()


class TestFailures:
    @pytest.mark.parametrize(
        "failure",
        [
            ("x/y.go:1: write /tmp/z: no space left on device", DiskFullError, "free some"),
            ("go: dial tcp 192.0.2.1:443: connect: connection refused", RegistryError, "GOPROXY"),
            ("go: Get x: dial tcp: lookup x: no such host", RegistryError, "continues"),
            ("go: module lookup disabled by GOPROXY=off", RegistryError, "GOPROXY"),
            ("x/y.go:1:2: undefined: z", BuildError, "undefined: z"),
        ],
    )
    def test_what_went_wrong_is_said_in_one_message(self, builder, alone, fake_go, failure):
        output, error, advice = failure
        fake_go.fail(output)
        with pytest.raises(error, match=r"cannot build gadget 1\.2\.3") as raised:
            builder.build(alone, lambda _: None)
        assert advice in str(raised.value)

    def test_credentials_of_a_proxy_are_not_shown(self, builder, alone, fake_go):
        fake_go.fail('go: Get "https://me:secret@proxy.example/x": dial tcp: i/o timeout')
        with pytest.raises(RegistryError) as raised:
            builder.build(alone, lambda _: None)
        assert "secret" not in str(raised.value)

    def test_checksum_failures_are_shown_as_they_are(self, builder, alone, fake_go):
        fake_go.fail("verifying example.org/x@v1: checksum mismatch\nSECURITY ERROR")
        with pytest.raises(BuildError, match="checksum mismatch"):
            builder.build(alone, lambda _: None)

    def test_a_program_of_the_wrong_version_is_refused(self, builder, alone, gadget, fake_go):
        (fake_go.bin / "version").write_text("9.9.9")
        with pytest.raises(BuildError, match=r"does not say it is version 1\.2\.3"):
            builder.build(alone, lambda _: None)
        assert find(gadget, fake_go.go) is None
