"""What images are made of: programs with the libraries they link, a shell, an interpreter."""

import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path

from sandbox.debian import Packages
from sandbox.errors import ImageError
from sandbox.images.tree import Tree

_TEMPORARY = "/tmp"  # noqa: S108  # in the image
_ACCOUNTS = (("root", 0, "/root"), ("nobody", 65534, "/"), ("nonroot", 65532, _TEMPORARY))
_UNUSED_LIBRARY = frozenset(
    (
        *("__pycache__", "ensurepip", "idlelib", "lib2to3"),
        *("site-packages", "test", "tkinter", "turtledemo"),
    )
)
_PREFIX = "/usr/local"
_PINNED = re.compile(r"^([\w.-]+)==(\S+)", re.MULTILINE)
_INSTALLATION = frozenset(("direct_url.json", "INSTALLER", "RECORD", "REQUESTED"))
_ZONES = Path("/usr/share/zoneinfo")
_LIBRARY = re.compile(r"(?:=> )?(/\S+) \(0x")
_MISSING_LIBRARY = re.compile(r"(\S+) => not found")


def accounts(tree: Tree) -> None:
    """The users that images run as, and where they may write."""
    tree.text(
        "/etc/passwd",
        "".join(f"{name}:x:{uid}:{uid}:{name}:{home}:/bin/sh\n" for name, uid, home in _ACCOUNTS),
    )
    tree.text("/etc/group", "".join(f"{name}:x:{uid}:\n" for name, uid, _ in _ACCOUNTS))
    tree.text("/etc/nsswitch.conf", "hosts: files dns\n")
    tree.folder(_TEMPORARY, 0o1777)
    tree.folder("/root", 0o700)


def programs(tree: Tree, by_path: Mapping[str, Path], packages: Packages | None = None) -> None:
    """Programs, and the libraries they link if they do.

    Args:
        tree: Where to put them.
        by_path: Program by its path in the image.
        packages: Unpacked Debian packages that they may come from.
    """
    accounts(tree)
    for path, program in by_path.items():
        tree.file(path, program)
    search = packages.libraries if packages else ""
    for library in shared_libraries(by_path.values(), search):
        inside = packages is not None and library.is_relative_to(packages.root)
        relative = library.relative_to(packages.root) if packages and inside else library
        tree.file(str(relative), library)


def shared_libraries(files: Iterable[Path], search: str = "") -> list[Path]:
    """What the dynamic loader would load for the programs or libraries, transitively."""
    answer = subprocess.run(
        ["ldd", *files],
        capture_output=True,
        text=True,
        env={**os.environ, "LD_LIBRARY_PATH": search, "LC_ALL": "C"},
        check=False,  # a static program among them is no failure
    )
    if missing := _MISSING_LIBRARY.search(answer.stdout):
        raise ImageError(
            f"a program for an image needs the library {missing[1]}, which is neither on this "
            "machine nor in its Debian packages; install it and run the same command again"
        )
    return sorted({Path(path) for path in _LIBRARY.findall(answer.stdout)})


def shell(tree: Tree, packages: Packages) -> None:
    """Busybox under the names of all it can do."""
    busybox = packages.program("busybox")
    accounts(tree)
    tree.file("/bin/busybox", busybox)
    answer = subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True)
    for applet in answer.stdout.split():
        if applet != "busybox":
            tree.link(f"/bin/{applet}", "busybox")
    tree.link("/usr/bin/env", "/bin/busybox")


def packet_filter(tree: Tree, packages: Packages) -> None:
    """nft, and iptables on top of it."""
    multi = packages.program("xtables-nft-multi")
    programs(
        tree,
        {"/usr/sbin/nft": packages.program("nft"), "/usr/sbin/xtables-nft-multi": multi},
        packages,
    )
    for family in ("iptables", "ip6tables"):
        for form in ("", "-save", "-restore"):
            tree.link(f"/usr/sbin/{family}{form}", "xtables-nft-multi")
            tree.link(f"/usr/sbin/{family}-nft{form}", "xtables-nft-multi")
    for extensions in packages.root.glob("usr/lib/*/xtables"):
        tree.folder_of(f"/{extensions.relative_to(packages.root)}", extensions)


def python(tree: Tree, lock: Path) -> None:
    """This interpreter, its standard library, time zones, and the locked distributions.

    Args:
        tree: Where to put it.
        lock: A requirements file; this environment must have what it pins.
    """
    accounts(tree)
    name = f"python{sysconfig.get_python_version()}"
    base, site = Path(sys.base_prefix), _site()
    library, interpreter = base / "lib" / name, base / "bin" / name
    home = f"{_PREFIX}/lib/{name}"  # it finds its library from where it lies
    tree.file(f"{_PREFIX}/bin/{name}", interpreter)
    for short in ("python", "python3"):
        tree.link(f"{_PREFIX}/bin/{short}", name)
    tree.folder_of(home, library, _is_unused)
    tree.folder_of("/usr/share/zoneinfo", _ZONES, lambda path: path.parts[0] in {"posix", "right"})
    files = [
        file for pinned in _PINNED.findall(lock.read_text("utf-8")) for file in _files(*pinned)
    ]
    for file in files:
        tree.file(f"{home}/site-packages/{file.relative_to(site)}", file)
    natives = [interpreter, *library.glob("lib-dynload/*.so")]
    natives += [file for file in files if file.suffix == ".so"]
    system = [path for path in shared_libraries(natives) if not path.is_relative_to(site)]
    folder = next(path.parent for path in system if path.name.startswith("libc.so"))
    for path in system:
        tree.file(str(folder / path.name if path.is_relative_to(base) else path), path)


def _site() -> Path:
    return Path(sysconfig.get_path("purelib")).resolve()


def _is_unused(path: Path) -> bool:
    return bool(_UNUSED_LIBRARY.intersection(path.parts)) or path.parts[0].startswith("config-")


def _files(distribution: str, version: str) -> list[Path]:
    """The files of an installed distribution, but for traces of its installation."""
    try:
        installed = metadata.distribution(distribution)
    except metadata.PackageNotFoundError:
        installed = None
    if installed is None or installed.version != version:
        raise ImageError(
            f"an image needs {distribution} {version}, and this Python environment has "
            f"{installed.version if installed else 'none'}; run `make install`"
        )
    site = _site()
    found = (Path(str(file.locate())).resolve() for file in installed.files or ())
    return [
        path
        for path in found
        if path.is_file()
        and path.is_relative_to(site)
        and path.name not in _INSTALLATION
        and not {"__pycache__", "tests"}.intersection(path.relative_to(site).parts)
    ]
