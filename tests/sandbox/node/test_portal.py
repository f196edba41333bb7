"""Which ways through the portal there are."""

import pytest

from sandbox.node.portal import requested


@pytest.mark.parametrize(
    "target",
    ["10.90.0.1:10250", "10.90.1.17:9443", "10.96.0.10:53"],
    ids=["node", "pod", "service"],
)
def test_the_api_server_reaches_the_node_its_pods_and_services(target):
    """They are what it has to dial: kubelet, port-forwards, webhooks."""
    host, _, port = target.rpartition(":")
    head = f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode()
    assert requested(head) == (host, int(port))


@pytest.mark.parametrize(
    "line",
    [
        "CONNECT 127.0.0.1:10248 HTTP/1.1",
        "CONNECT 192.168.1.1:443 HTTP/1.1",
        "CONNECT localhost:80 HTTP/1.1",
        "CONNECT 10.90.0.1 HTTP/1.1",
        "GET 10.90.0.1:80 HTTP/1.1",
        "CONNECT",
        "",
    ],
    ids=["loopback", "elsewhere", "name", "no-port", "another-method", "no-target", "nothing"],
)
def test_there_is_no_other_way_in(line):
    """Whoever may use the socket still reaches nothing of the node's loopback."""
    with pytest.raises(ValueError):  # noqa: PT011 - its messages are for the API server's log
        requested(f"{line}\r\n\r\n".encode())
