"""Write into the pages what their runnable examples print; run by `make docs`.

Examples that show a part of their output, with `...` for the rest, stay as they are: what the part
is has been chosen by hand.
"""

import re
import tempfile
from pathlib import Path

from tests.docs.pages import Page, pages
from tests.docs.test_examples import run

_EXAMPLE = re.compile(r"^(```console runnable\n)(.*?)(^```)", re.MULTILINE | re.DOTALL)


def rewritten(page: Page, folder: Path) -> str:
    """The page with what its examples print now."""

    def example(found: re.Match[str]) -> str:
        commands = [part for part in re.split(r"^\$ ", found[2], flags=re.MULTILINE) if part]
        return found[1] + "".join(_printed(each, folder) for each in commands) + found[3]

    return _EXAMPLE.sub(example, page.text)


def _printed(example: str, folder: Path) -> str:
    command, _, expected = example.partition("\n")
    if not expected.strip() or "..." in expected.splitlines():
        return f"$ {example}"
    return f"$ {command}\n{run(command, folder).stdout.strip()}\n"


def main() -> None:
    """Rewrite all pages that changed."""
    with tempfile.TemporaryDirectory() as folder:
        for page in pages():
            text = rewritten(page, Path(folder) / "nowhere")
            if text != page.text:
                page.path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
