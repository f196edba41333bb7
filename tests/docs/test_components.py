"""Every component has a page, and every page its component."""

import inspect
import re

import pulumi
import pytest

import components
from tests.docs.pages import ROOT, Page

FOLDER = ROOT / "docs" / "components"
INDEX = Page(FOLDER / "index.md")
PAGES = [
    Page(path)
    for path in sorted(FOLDER.glob("*.md"))
    if path.name not in ("index.md", "elsewhere.md")
]
CLASSES = [
    each
    for name in components.__all__
    if inspect.isclass(each := getattr(components, name))
    and issubclass(each, pulumi.ComponentResource)
]
each_class = pytest.mark.parametrize("component", CLASSES, ids=lambda each: each.__name__)


def token(component: type) -> str:
    """The resource type that a component registers itself under."""
    (found,) = re.findall(r'f"{TOKEN}(:\w+:\w+)"', inspect.getsource(component))
    return f"brisa{found}"


def page_of(component: type) -> Page:
    (page,) = [page for page in PAGES if f"`{token(component)}`" in page.text]
    return page


@each_class
def test_a_component_has_one_page_that_names_its_type_and_links_its_module(component):
    page = page_of(component)
    module = f"../../{component.__module__.replace('.', '/')}.py"
    assert module in page.links
    assert component.__name__ in page.text.splitlines()[0]


@each_class
def test_a_page_names_what_a_component_tells(component):
    page = page_of(component)
    assert set(inspect.get_annotations(component)) <= set(page.spans)


@each_class
def test_a_page_shows_how_a_component_is_called(component):
    page = page_of(component)
    (call,) = [span for span in page.spans if span.startswith(f"{component.__name__}(name, ")]
    given = re.findall(r"\w+", re.sub(r"=\w+", "", call.partition("(")[2]))
    taken = [name for name in inspect.signature(component.__init__).parameters if name != "self"]
    assert given == taken


def test_a_page_names_existing_components_only():
    named = {found for page in PAGES for found in re.findall(r"brisa:\w+:\w+", page.text)}
    assert named == {token(component) for component in CLASSES}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_has_the_common_headings(page):
    headings = [line[3:] for line in page.prose.splitlines() if line.startswith("## ")]
    assert headings[0] in ("What it creates", "What they create")
    assert {"Arguments", "Traps"} <= set(headings)


def test_the_index_links_the_page_of_every_component():
    rows = set(re.findall(r"^\| \[(\w+)\]\(([\w.-]+)\)", INDEX.text, re.MULTILINE))
    assert rows == {(each.__name__, page_of(each).path.name) for each in CLASSES}
