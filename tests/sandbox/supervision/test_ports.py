"""Ports: free, different, and the same after a restart."""

import socket

import pytest

from sandbox.supervision.ports import choose_ports

NAMES = ("a", "b", "c")


@pytest.fixture
def remembered(tmp_path):
    return tmp_path / "ports.json"


def test_every_name_has_a_port_of_its_own(remembered):
    ports = choose_ports(NAMES, remembered)
    assert set(ports) == set(NAMES)
    assert len(set(ports.values())) == len(NAMES)


def test_ports_are_kept(remembered):
    assert choose_ports(NAMES, remembered) == choose_ports(NAMES, remembered)


def test_a_port_somebody_has_taken_is_given_up(remembered):
    taken = choose_ports(NAMES, remembered)["b"]
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", taken))
        somebody.listen()
        assert taken not in choose_ports(NAMES, remembered).values()


def test_new_names_mean_new_ports(remembered):
    choose_ports(NAMES, remembered)
    assert set(choose_ports(("x",), remembered)) == {"x"}
