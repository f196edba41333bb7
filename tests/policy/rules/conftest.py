"""Turns the tables of a rule's test class into tests."""


def pytest_generate_tests(metafunc):
    for kind in ("good", "bad"):
        if f"{kind}_case" in metafunc.fixturenames:
            table = getattr(metafunc.cls, kind)
            metafunc.parametrize(f"{kind}_case", list(table.values()), ids=list(table))
