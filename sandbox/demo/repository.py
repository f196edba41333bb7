"""The repository that Flux applies: got from a Git server, changed, and pushed back.

URLs are those of the server's writing listener, behind a forwarded port.
"""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from dulwich import porcelain
from dulwich.client import HttpGitClient
from dulwich.errors import NotGitRepository
from dulwich.refs import HEADREF, local_branch_name
from dulwich.repo import Repo

from sandbox.errors import DemoError, UsageError

BRANCH = "develop"
_AUTHOR = b"Demo <demo@example.com>"
_REF = local_branch_name(BRANCH.encode())

Files = Mapping[str, bytes]
"""Content of each file, by its path in the repository."""


def files_below(folder: Path) -> dict[str, bytes]:
    """The files of a folder, whatever Git itself keeps there left out."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not {".git", "__pycache__"}.intersection(path.parts)
    }


def head(url: str) -> str | None:
    """The newest commit on the branch; None in an empty repository."""
    client = HttpGitClient(url.rpartition("/")[0])
    found = client.get_refs(f"/{url.rpartition('/')[2]}".encode()).refs.get(_REF)
    return found.decode() if found else None


def clone(url: str, folder: Path) -> None:
    """Get the repository into a folder that is new or empty."""
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty; name a folder that is not there yet")
    porcelain.clone(url, str(folder), branch=BRANCH, errstream=BytesIO()).close()


def push(url: str, folder: Path, message: str) -> str:
    """Commit whatever changed in a clone and push it; returns the newest commit."""
    try:
        repository = Repo(str(folder))
    except NotGitRepository:
        raise UsageError(
            f"{folder} is no clone; `python -m sandbox demo clone` makes one"
        ) from None
    with repository:
        _commit(repository, folder, message)
        return _send(url, repository)


def start(url: str, files: Files, message: str) -> str:
    """Fill an empty repository with its first commit."""
    with TemporaryDirectory(prefix="brisa-demo-") as place:
        folder = Path(place)
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        with porcelain.init(place) as repository:
            repository.refs.set_symbolic_ref(HEADREF, _REF)
            _commit(repository, folder, message)
            return _send(url, repository)


def _commit(repository: Repo, folder: Path, message: str) -> None:
    """Commit what differs from the last commit, if anything does."""
    porcelain.add(repository, paths=[str(folder)])
    found = porcelain.status(repository)
    if any(found.staged.values()) or found.unstaged:
        porcelain.commit(
            repository,
            message.encode(),
            author=_AUTHOR,
            committer=_AUTHOR,
            all=True,  # what was deleted too
            sign=False,  # nobody's own key
        )


def _send(url: str, repository: Repo) -> str:
    result = porcelain.push(
        repository, url, f"{BRANCH}:{BRANCH}", outstream=BytesIO(), errstream=BytesIO()
    )
    refusals = [text for text in (result.ref_status or {}).values() if text]
    if refusals:
        raise DemoError(f"the Git server did not take the commit: {refusals[0]}")
    return repository.head().decode()
