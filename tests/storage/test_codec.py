"""Sealing, opening and hashing."""

import hmac

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from tests.storage.world import KEY
from zohosyncd.core.errors import StateError
from zohosyncd.core.keys import MatchKey
from zohosyncd.core.link import Base
from zohosyncd.core.record import Item, Postal
from zohosyncd.storage.codec import Codec

CODEC = Codec(KEY)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    TEXT,
    st.builds(Postal, TEXT, TEXT),
    st.lists(st.builds(Item, TEXT, TEXT)).map(tuple),
)
VALUES = st.dictionaries(TEXT, VALUE, max_size=5)


@given(VALUES)
def test_values_come_back_as_they_were(values: dict[str, object]) -> None:
    assert CODEC.open_values(CODEC.seal_values(values, "mirror", 1, "a"), "mirror", 1, "a") == values  # type: ignore[arg-type]


@given(st.builds(Base, VALUES, st.none() | TEXT, VALUES, VALUES, VALUES))
def test_bases_come_back_as_they_were(base: Base) -> None:
    assert CODEC.open_base(CODEC.seal_base(base, "link", 1), "link", 1) == base


@given(st.lists(VALUES, max_size=4))
def test_several_sets_of_values_come_back_in_order(parts: list[dict[str, object]]) -> None:
    assert list(CODEC.open_all(CODEC.seal_all(parts, "intent", "x"), "intent", "x")) == parts  # type: ignore[arg-type]


def test_bytes_of_one_row_do_not_open_as_another() -> None:
    sealed = CODEC.seal_values({"Name": "Ann"}, "mirror", 1, "a")
    for row in (("mirror", 1, "b"), ("mirror", 2, "a"), ("link", 1, "a"), ("mirror", 1)):
        with pytest.raises(StateError, match=f"table {row[0]} cannot be decrypted"):
            CODEC.open_values(sealed, *row)


def test_changed_bytes_do_not_open() -> None:
    sealed = CODEC.seal(b"value", "secret", "x")
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(StateError):
            CODEC.open(bytes(changed), "secret", "x")
    for cut in (b"", sealed[:5], sealed[:20]):
        with pytest.raises(StateError):
            CODEC.open(cut, "secret", "x")


def test_no_nonce_comes_twice() -> None:
    assert len({CODEC.seal(b"", "x")[:13] for _ in range(1000)}) == 1000
    assert Codec(KEY).seal(b"", "x") != Codec(KEY).seal(b"", "x")


def test_a_former_key_still_opens_what_it_sealed() -> None:
    old = Codec(KEY).seal(b"value", "x")
    new = bytes(range(1, 33))
    rotated = Codec(new, older=[KEY])
    assert rotated.open(old, "x") == b"value"
    assert Codec(new).open(rotated.seal(b"value", "x"), "x") == b"value"
    with pytest.raises(StateError):
        Codec(new).open(old, "x")


def test_digests_depend_on_kind_value_and_key_alone() -> None:
    key = MatchKey("email/1", "a@example.org")
    (digest,) = CODEC.digests([key])
    assert len(digest.digest) == 16
    assert Codec(KEY).digest(key) == digest
    others = {
        CODEC.digest(MatchKey("email/2", "a@example.org")).digest,
        CODEC.digest(MatchKey("email/1", "b@example.org")).digest,
        Codec(bytes(32)).digest(key).digest,
    }
    assert digest.digest not in others
    assert len(others) == 3


def test_the_keyed_hash_is_hmac_sha256_cut_to_sixteen_bytes() -> None:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"zohosyncd match keys").derive(KEY)
    expected = hmac.digest(derived, "email/1\0Zoë@example.org".encode(), "sha256")[:16]
    assert CODEC.digest(MatchKey("email/1", "Zoë@example.org")).digest == expected
