"""Whom a name may lead to."""

import pytest

from zohosyncd.core.addresses import Reach, names_this_machine, reach_of

SERVERS = [
    "1.1.1.1",
    "10.0.0.5",
    "172.16.3.4",
    "172.31.255.255",
    "192.168.1.10",
    "100.64.0.1",
    "198.51.100.7",
    "2606:4700::1111",
    "fd12:3456::1",
    "fc00::5",
    "::ffff:10.0.0.5",
    "64:ff9b::101:101",
    "2002:101:101::1",
]
LOOPBACK = [
    "127.0.0.1",
    "127.0.1.1",
    "127.255.255.254",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "64:ff9b::7f00:1",
    "::127.0.0.1",
    "2002:7f00:1::1",
]
NEVER = [
    "169.254.169.254",
    "169.254.170.2",
    "169.254.0.1",
    "fe80::1",
    "fe80::1%eth0",
    "0.0.0.0",
    "0.1.2.3",
    "::",
    "224.0.0.1",
    "239.1.1.1",
    "255.255.255.255",
    "240.0.0.1",
    "ff02::1",
    "fec0::1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "fd00:ec2::254",
    "fd20:ce::254",
    "fd00:42::42",
    "::ffff:169.254.169.254",
    "::ffff:a9fe:a9fe",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "::169.254.169.254",
    "::ffff:0.0.0.0",
    "::ffff:100.100.100.200",
    "2001:0:a9fe:a9fe::1",
    "2130706433",
    "localhost",
    "127.1",
    "0x7f000001",
    "not-an-address",
]


@pytest.mark.parametrize("address", SERVERS)
def test_public_and_private_networks_may_be_called(address: str) -> None:
    assert reach_of(address) is Reach.SERVER


@pytest.mark.parametrize("address", LOOPBACK)
def test_the_machine_itself_is_told_apart_in_every_spelling(address: str) -> None:
    assert reach_of(address) is Reach.THIS_MACHINE


@pytest.mark.parametrize("address", [*NEVER, ""])
def test_metadata_and_what_is_no_server_is_never_called(address: str) -> None:
    assert reach_of(address) is Reach.NEVER


def test_names_that_can_only_mean_this_machine() -> None:
    assert all(map(names_this_machine, ("localhost", "dav.localhost", "127.0.0.1", "127.0.1.1", "::1")))
    assert not any(
        map(names_this_machine, ("cloud.example.org", "localhost.example.org", "10.0.0.1", "2130706433", ""))
    )
