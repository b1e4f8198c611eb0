from ipaddress import ip_address, ip_network

import pytest

from flowdock.server.outgoing import Guard, NotAllowed

PUBLIC = ["93.184.216.34", "1.1.1.1", "2606:4700:4700::1111", "64:ff9b::101:101", "::ffff:1.1.1.1"]
NOT_PUBLIC = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.8.9.10",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:7f00:1::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_may_be_asked(address: str) -> None:
    assert Guard().allows(ip_address(address))


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_no_other_address_may_be_asked(address: str) -> None:
    assert not Guard().allows(ip_address(address))


@pytest.mark.parametrize(
    "allowed, address, answer",
    [
        ("127.0.0.0/8", "127.0.0.1", True),
        ("127.0.0.0/8", "::ffff:127.0.0.1", True),
        ("127.0.0.0/8", "10.0.0.1", False),
        ("127.0.0.0/8", "::1", False),
        ("127.0.0.0/8", "2002:7f00:1::", False),
        ("10.1.0.0/16", "10.1.255.255", True),
        ("10.1.0.0/16", "10.2.0.0", False),
        ("fd00::/8", "fd00::1", True),
        ("10.1.0.0/16", "1.1.1.1", True),
    ],
)
def test_an_administrator_allows_networks(allowed: str, address: str, answer: bool) -> None:
    assert Guard([ip_network(allowed)]).allows(ip_address(address)) is answer


@pytest.mark.parametrize(
    "url",
    [
        "https://ci.example.com/flowdock?x=1#y",
        "http://1.1.1.1:8080",
        "https://[2606:4700:4700::1111]/",
        "https://bücher.example/ü",
        "HTTPS://ci.example.com",
    ],
)
def test_addresses_of_the_web_are_accepted(url: str) -> None:
    Guard().checked(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/",
        "ci.example.com",
        "//ci.example.com",
        "http:ci.example.com",
        "http:///x",
        "ftp://ci.example.com",
        "file:///etc/passwd",
        "gopher://ci.example.com:25/x",
        "javascript:alert(1)",
        "http://a b.example",
        "http://ci.example.com/a b",
        "http://ci.example.com/\r\nHost: other",
        "http://ci.example.com\t/",
        "http://\x00.example",
        "http://user:password@ci.example.com",
        "http://user@ci.example.com",
        "http://ci.example.com:99999",
        "http://ci.example.com:-1",
        "http://[::1",
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]:80/",
        f"http://ci.example.com/{'x' * 2048}",
    ],
)
def test_everything_else_is_refused_before_anything_is_sent(url: str) -> None:
    with pytest.raises(NotAllowed):
        Guard().checked(url)
