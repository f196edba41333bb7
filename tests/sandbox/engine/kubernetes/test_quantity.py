"""Quantities as the API server writes them."""

import pytest

from sandbox.engine.kubernetes.quantity import canonical


@pytest.mark.parametrize(
    "text, expected",
    [
        ("1000m", "1"),
        ("500m", "500m"),
        ("0.5", "500m"),
        ("1.5", "1500m"),
        ("0.1", "100m"),
        ("1024Mi", "1Gi"),
        ("0.5Gi", "512Mi"),
        ("1.5Gi", "1536Mi"),
        ("1000Ki", "1000Ki"),
        ("1000k", "1M"),
        ("128974848", "128974848"),
        ("1e3", "1e3"),
        ("2000", "2k"),
        ("0", "0"),
        ("0Mi", "0"),
        ("1Ki", "1Ki"),
        ("0.0000000001", "1n"),
        ("-1", "-1"),
        ("100E", "100E"),
    ],
)
def test_canonical_form(text, expected):
    assert canonical(text) == expected


@pytest.mark.parametrize("text", ["", "lots", "1 Gi", "1gi"])
def test_what_is_no_quantity_is_left_to_the_server(text):
    assert canonical(text) == text
