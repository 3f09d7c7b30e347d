"""Sealed files: entries of (facts, bytes) encrypted as one stream, written whole or not at all.

Layout: `HSB1`, a 32-byte salt, then chunks of at most 1 MiB of plain text, each behind its length. The file's own
key is HKDF(subject key, salt), so no nonce can repeat across files; the nonce of a chunk is its number and a flag
for the last one, so that cutting, doubling or swapping chunks is found (the STREAM construction of Hoang et al.,
2015). The plain text is a run of entries: length and JSON of the facts, length and bytes of the body.
"""

from __future__ import annotations

import io
import json
import os
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from warehouse.faults import fault_point
from warehouse.home import PRIVATE_FILE, sync_folder

MAGIC = b"HSB1"
SALT_BYTES = 32
CHUNK_BYTES = 1 << 20
_LENGTH = struct.Struct(">I")
_BODY_LENGTH = struct.Struct(">Q")
_TAG_BYTES = 16


class SealError(Exception):
    """A sealed file is cut, altered or was sealed with another key."""


class _Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...


class _Cipher:
    """Numbers the chunks of one file; `context` ties the file to where it belongs."""

    def __init__(self, subject_key: bytes, salt: bytes, context: str) -> None:
        key = HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"hisab/sealed").derive(subject_key)
        self._gcm = AESGCM(key)
        self._context = context.encode()
        self._number = 0

    def _nonce(self, *, last: bool) -> bytes:
        nonce = self._number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")
        self._number += 1
        return nonce

    def seal(self, chunk: bytes | bytearray, *, last: bool) -> bytes:
        return self._gcm.encrypt(self._nonce(last=last), chunk, self._context)

    def open(self, chunk: bytes, *, last: bool) -> bytes:
        try:
            return self._gcm.decrypt(self._nonce(last=last), chunk, self._context)
        except InvalidTag:
            raise SealError("a sealed file is damaged or was sealed with another key") from None


class SealedStream:
    """Entries sealed one after the other into any binary file; whole once `end` returned."""

    def __init__(self, file: BinaryIO, subject_key: bytes, context: str) -> None:
        """Begin the stream; `context` must be given again to read."""
        self._file = file
        salt = os.urandom(SALT_BYTES)
        self._cipher = _Cipher(subject_key, salt, context)
        self._file.write(MAGIC + salt)
        self._pending = bytearray()

    def add(self, facts: Mapping[str, str], body: bytes) -> None:
        """Append one entry whose body is in memory."""
        self.add_stream(facts, io.BytesIO(body), len(body))

    def add_stream(self, facts: Mapping[str, str], body: BinaryIO, length: int, digest: _Hash | None = None) -> None:
        """Append one entry of `length` bytes read from `body`, feeding `digest` on the way.

        Raises SealError when `body` ends early or goes on: the file changed while it was read.
        """
        head = json.dumps(dict(facts), ensure_ascii=False, sort_keys=True).encode()
        self._write(_LENGTH.pack(len(head)) + head + _BODY_LENGTH.pack(length))
        left = length
        while left:
            piece = body.read(min(CHUNK_BYTES, left))
            if not piece:
                break
            left -= len(piece)
            if digest is not None:
                digest.update(piece)
            self._write(piece)
        if left or body.read(1):
            raise SealError("the file changed while it was being read; try again")

    def end(self) -> None:
        """Write the last chunk; the file stays open."""
        self._flush(last=True)

    def _write(self, data: bytes) -> None:
        self._pending += data
        while len(self._pending) > CHUNK_BYTES:
            self._flush(last=False)

    def _flush(self, *, last: bool) -> None:
        sealed = self._cipher.seal(self._pending[:CHUNK_BYTES], last=last)
        del self._pending[:CHUNK_BYTES]
        self._file.write(_LENGTH.pack(len(sealed)))
        self._file.write(sealed)


class SealedWriter(SealedStream):
    """Writes one sealed file beside its name and renames it at `finish`; nothing shows before."""

    def __init__(self, path: Path, subject_key: bytes, context: str) -> None:
        """Open the temporary file; `context` must be given again to read."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = path
        self._temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        handle = os.open(self._temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
        super().__init__(os.fdopen(handle, "wb"), subject_key, context)

    def finish(self) -> None:
        """Write the last chunk, sync, rename, sync the folder."""
        self.end()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        fault_point("land.before_rename")
        self._temporary.replace(self._path)
        fault_point("land.after_rename")
        sync_folder(self._path.parent)

    def abandon(self) -> None:
        """Leave no trace of an unfinished file."""
        self._file.close()
        self._temporary.unlink(missing_ok=True)


def sealed_bytes(facts: Mapping[str, str], body: bytes, subject_key: bytes, context: str) -> bytes:
    """A sealed file of one entry, in memory, for who writes many small ones at a time."""
    file = io.BytesIO()
    stream = SealedStream(file, subject_key, context)
    stream.add(facts, body)
    stream.end()
    return file.getvalue()


class _PlainText(io.RawIOBase):
    """The decrypted stream of a sealed file, read forward only, one chunk in memory."""

    def __init__(self, file: BinaryIO, subject_key: bytes, context: str) -> None:
        head = file.read(len(MAGIC) + SALT_BYTES)
        if head[: len(MAGIC)] != MAGIC or len(head) < len(MAGIC) + SALT_BYTES:
            raise SealError("this is not a sealed file")
        self._file = file
        self._cipher = _Cipher(subject_key, head[len(MAGIC) :], context)
        self._chunk = memoryview(b"")
        self._next = self._sealed_chunk()
        if self._next is None:
            raise SealError("a sealed file is cut short")

    def _sealed_chunk(self) -> bytes | None:
        head = self._file.read(_LENGTH.size)
        if not head:
            return None
        if len(head) < _LENGTH.size:
            raise SealError("a sealed file is cut short")
        (length,) = _LENGTH.unpack(head)
        chunk = self._file.read(min(length, CHUNK_BYTES + _TAG_BYTES))
        if len(chunk) != length:
            raise SealError("a sealed file is cut short")
        return chunk

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._chunk:
            if self._next is None:
                return 0
            present, self._next = self._next, self._sealed_chunk()
            self._chunk = memoryview(self._cipher.open(present, last=self._next is None))
            if not self._chunk and self._next is None:
                return 0
        count = min(len(buffer), len(self._chunk))
        buffer[:count] = self._chunk[:count]
        self._chunk = self._chunk[count:]
        return count


class _Body(io.RawIOBase):
    """One entry's bytes inside the stream; what is left unread is skipped by the reader."""

    def __init__(self, plain: BinaryIO, length: int) -> None:
        self._plain = plain
        self.left = length

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        piece = self._plain.read(min(len(buffer), self.left))
        if not piece and self.left:
            raise SealError("a sealed file is cut short")
        self.left -= len(piece)
        buffer[: len(piece)] = piece
        return len(piece)


def read_sealed(path: Path, subject_key: bytes, context: str) -> Iterator[tuple[dict[str, str], BinaryIO]]:
    """Yield (facts, body stream) of each entry; a body is read before the next entry is asked for.

    Raises SealError when the file is damaged, cut, or sealed with another key or context.
    """
    with path.open("rb") as file:
        yield from read_entries(file, subject_key, context)


def read_entries(file: BinaryIO, subject_key: bytes, context: str) -> Iterator[tuple[dict[str, str], BinaryIO]]:
    """The same of an open file. Raises SealError."""
    plain = io.BufferedReader(_PlainText(file, subject_key, context), CHUNK_BYTES)
    while head := plain.read(_LENGTH.size):
        (length,) = _LENGTH.unpack(head)
        facts = json.loads(plain.read(length))
        (body_length,) = _BODY_LENGTH.unpack(plain.read(_BODY_LENGTH.size))
        raw = _Body(plain, body_length)
        yield facts, io.BufferedReader(raw, CHUNK_BYTES)
        while raw.left:
            raw.read(min(raw.left, CHUNK_BYTES))
