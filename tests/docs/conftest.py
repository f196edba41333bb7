import pytest

from tests.docs.pages import Page, pages


@pytest.fixture(scope="session")
def all_pages() -> list[Page]:
    return pages()
