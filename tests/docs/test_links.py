"""Every link inside the repository leads somewhere."""

import pytest

from tests.docs.pages import ROOT, Page, pages


def problem(page: Page, link: str) -> str | None:
    """What is wrong with a link of a page."""
    target, _, anchor = link.partition("#")
    path = (page.path.parent / target).resolve() if target else page.path
    if not path.is_relative_to(ROOT):
        return "leads out of the repository"
    if not path.exists():
        return "there is no such file"
    if anchor and anchor not in Page(path).anchors:
        return "there is no such heading"
    return None


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_links_inside_the_repository_resolve(page):
    inside = [link for link in page.links if "://" not in link and not link.startswith("mailto:")]
    broken = {link: wrong for link in inside if (wrong := problem(page, link))}
    assert not broken


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_a_page_has_one_title_and_comes_first(page):
    titles = [line for line in page.prose.splitlines() if line.startswith("# ")]
    assert len(titles) == 1
    assert page.text.startswith(titles[0])


@pytest.mark.parametrize(
    "link, wrong",
    [
        ("nowhere.md", "there is no such file"),
        ("architecture.md#nowhere", "there is no such heading"),
        ("../../elsewhere.md", "leads out of the repository"),
        ("architecture.md#who-owns-what", None),
        ("#plugins", None),
    ],
)
def test_a_broken_link_is_seen(link, wrong):
    assert problem(Page(ROOT / "docs" / "sandbox.md"), link) == wrong


def test_every_page_can_be_reached_from_the_readme(all_pages):
    by_path = {page.path: page for page in all_pages}
    waiting, reached = [ROOT / "README.md"], set()
    while waiting:
        path = waiting.pop()
        if path in by_path and path not in reached:
            reached.add(path)
            links = (link.partition("#")[0] for link in by_path[path].links)
            waiting += [(path.parent / link).resolve() for link in links if "://" not in link]
    assert {page.name for page in all_pages} == {by_path[path].name for path in reached}
