"""Values to bytes that only this installation can read, and back.

One state key of 32 bytes; every use has a subkey (HKDF-SHA256, RFC 5869). Values are sealed with AES-256-GCM:
one byte that names the key, twelve bytes of nonce, ciphertext and tag. What the bytes belong to (table and row) is
associated data, so that rows cannot be swapped. Match keys become HMAC-SHA256 cut to 16 bytes (RFC 2104, section 5).
"""

import os
from collections.abc import Mapping, Sequence
from hashlib import blake2b, sha256
from itertools import count
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from zohosyncd.core.errors import StateError
from zohosyncd.core.keys import MatchKey
from zohosyncd.core.link import Base
from zohosyncd.core.record import Value, Values, decode_values, encode_values
from zohosyncd.ports.store import KeyDigest

KEY_BYTES: Final = 32
DIGEST_BYTES: Final = 16
_HMAC_BLOCK: Final = 64
_NONCE_BYTES: Final = 12
_HEAD: Final = 1 + _NONCE_BYTES
_COUNTER_END: Final = 2**32

_parts = msgspec.msgpack.Decoder(tuple[bytes, ...])
_base = msgspec.msgpack.Decoder(tuple[bytes, str | None, bytes, bytes, bytes])
_pack = msgspec.msgpack.Encoder().encode


def _derive(key: bytes, use: bytes, length: int = KEY_BYTES) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=b"zohosyncd " + use).derive(key)


class Codec:
    """Seals, opens and hashes under one state key. Safe to use from several threads.

    Args:
        key: the state key. older: former state keys, still accepted for reading.
    """

    def __init__(self, key: bytes, *, older: Sequence[bytes] = ()) -> None:
        if any(len(each) != KEY_BYTES for each in (key, *older)):
            raise StateError("the state key has the wrong length", hint=f"it has to be {KEY_BYTES} random bytes")
        self._openers = {_derive(each, b"id", 1): AESGCM(_derive(each, b"values")) for each in (*older, key)}
        self._id = _derive(key, b"id", 1)
        self._sealer = self._openers[self._id]
        padded = _derive(key, b"match keys").ljust(_HMAC_BLOCK, b"\0")
        self._inner = sha256(bytes(byte ^ 0x36 for byte in padded))
        self._outer = sha256(bytes(byte ^ 0x5C for byte in padded))
        self._hash_key = _derive(key, b"hashes")
        self._new_nonces()

    def _new_nonces(self) -> None:
        # A random prefix for each process and a counter: no nonce comes twice, and none costs a call of the kernel.
        self._nonces = (os.urandom(_NONCE_BYTES - 4), count())

    def seal(self, plain: bytes, *row: object) -> bytes:
        """Encrypt; ``row`` (the table's name and what identifies the row) has to be the same to open it again."""
        prefix, counter = self._nonces
        number = next(counter)
        if number >= _COUNTER_END:
            self._new_nonces()
            return self.seal(plain, *row)
        nonce = prefix + number.to_bytes(4, "big")
        return self._id + nonce + self._sealer.encrypt(nonce, plain, _identity(row))

    def open(self, sealed: bytes, *row: object) -> bytes:
        """Decrypt what :meth:`seal` wrote for the same row. Raises StateError if it is not that."""
        opener = self._openers.get(sealed[:1])
        try:
            if opener is None:
                raise InvalidTag
            return opener.decrypt(sealed[1:_HEAD], sealed[_HEAD:], _identity(row))
        except (InvalidTag, ValueError) as error:
            raise StateError(
                f"a row of the table {row[0]} cannot be decrypted",
                hint="the state file was changed or damaged, or belongs to another state key; restore a backup",
            ) from error

    def seal_values(self, values: Values, *row: object) -> bytes:
        """Encrypt field values."""
        return self.seal(encode_values(values), *row)

    def open_values(self, sealed: bytes, *row: object) -> dict[str, Value]:
        """Decrypt field values."""
        return decode_values(self.open(sealed, *row))

    def seal_all(self, parts: Sequence[Values], *row: object) -> bytes:
        """Encrypt several sets of field values as one."""
        return self.seal(_pack([encode_values(part) for part in parts]), *row)

    def open_all(self, sealed: bytes, *row: object) -> tuple[dict[str, Value], ...]:
        """Decrypt what :meth:`seal_all` wrote."""
        return tuple(map(decode_values, _parts.decode(self.open(sealed, *row))))

    def seal_base(self, base: Base, *row: object) -> bytes:
        """Encrypt a base."""
        rest = (encode_values(part) if part else b"" for part in (base.unconfirmed, base.sent, base.also))
        return self.seal(_pack((encode_values(base.values), base.version, *rest)), *row)

    def open_base(self, sealed: bytes, *row: object) -> Base:
        """Decrypt a base."""
        values, version, unconfirmed, sent, also = _base.decode(self.open(sealed, *row))
        return Base(decode_values(values), version, _maybe(unconfirmed), _maybe(sent), _maybe(also))

    def value_hash(self, encoded: bytes) -> bytes:
        """A keyed hash of encoded values: equal values, equal hash; it tells nothing else."""
        return blake2b(encoded, digest_size=DIGEST_BYTES, key=self._hash_key).digest()

    def digest(self, key: MatchKey) -> KeyDigest:
        """The keyed hash of one match key, the same for all objects."""
        return KeyDigest(key.kind, self.mac(key))

    def mac(self, key: MatchKey) -> bytes:
        """The bytes of :meth:`digest`.

        HMAC spelled out, from the two states that every message shares: a third of the time that the library takes
        to set itself up each time, and this is done for every key of every record read.
        """
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(f"{key.kind}\0{key.value}".encode("utf-8", "surrogatepass"))
        outer.update(inner.digest())
        return outer.digest()[:DIGEST_BYTES]

    def digests(self, keys: Sequence[MatchKey]) -> tuple[KeyDigest, ...]:
        """The keyed hashes of match keys, in order."""
        return tuple(map(self.digest, keys))


def _identity(row: tuple[object, ...]) -> bytes:
    return "\0".join(map(str, row)).encode("utf-8", "surrogatepass")


def _maybe(encoded: bytes) -> Mapping[str, Value]:
    return decode_values(encoded) if encoded else {}
