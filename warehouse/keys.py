"""Keys: one home key, what is derived from it, and one wrapped key per data subject.

The home key (32 random bytes) comes from `HISAB_KEY` (base64) or from `keys/home.key` (mode 0600). Erasing a person
is destroying the subject's key: everything landed for them can no longer be read by anyone.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import hmac
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from warehouse.home import PRIVATE_FILE, Home, sync_folder, write_whole

KEY_BYTES = 32
NONCE_BYTES = 12
KEY_VARIABLE = "HISAB_KEY"
_OTHERS = 0o077


class KeyProblem(Exception):
    """A key is missing, malformed, readable by others or not the one this home was made with."""


class Keyring:
    """The keys of one home, held in memory; no method prints or logs one."""

    def __init__(self, home: Home, home_key: bytes) -> None:
        """Wrap the key without checking it; use `open_keyring` or `make_keyring`."""
        self._home = home
        self._key = home_key
        self._ids_key = self.derive("ids")

    def __repr__(self) -> str:
        """Say whose keys these are, never the keys."""
        return f"Keyring({self._home.root})"

    def derive(self, purpose: str) -> bytes:
        """A 32-byte key for one purpose (HKDF-SHA256, RFC 5869, with the purpose as its info)."""
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"hisab/{purpose}".encode()).derive(self._key)

    def engine_key(self, purpose: str) -> str:
        """A derived key in the base64 form DuckDB's ENCRYPTION_KEY takes."""
        return base64.b64encode(self.derive(purpose)).decode()

    def opaque_id(self, prefix: str, *parts: str) -> str:
        """A stable id that says nothing of its parts to whoever lacks the key, e.g. `c_mfrggzdf…`."""
        message = "\x1f".join((prefix, *parts)).encode()
        digest = hmac.digest(self._ids_key, message, "sha256")
        return f"{prefix}_{base64.b32encode(digest[:10]).decode().lower()}"

    def subject_key(self, subject_id: str) -> bytes:
        """The data key of a subject, made on first use. Raises KeyProblem when it was destroyed or is damaged."""
        path = self._subject_path(subject_id)
        if path.with_suffix(".destroyed").exists():
            raise KeyProblem(f"The key of {subject_id} was destroyed; what was landed for it cannot be read.")
        if not path.exists():
            self._make_subject_key(path, subject_id)
        sealed = path.read_bytes()
        try:
            wrapper = AESGCM(self.derive("subjects"))
            return wrapper.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], subject_id.encode())
        except InvalidTag:
            raise KeyProblem(f"The key of {subject_id} is damaged: restore keys/subjects from a backup.") from None

    def destroy_subject_key(self, subject_id: str) -> None:
        """Erase a subject: leave a tombstone, then remove the wrapped key."""
        path = self._subject_path(subject_id)
        write_whole(path.with_suffix(".destroyed"), b"")
        path.unlink(missing_ok=True)
        sync_folder(path.parent)

    def _subject_path(self, subject_id: str) -> Path:
        return self._home.keys / "subjects" / f"{subject_id}.key"

    def _make_subject_key(self, path: Path, subject_id: str) -> None:
        """Several pulls of one person may begin at once: all of them must get the key that the first one made."""
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            if not path.exists():
                self._wrap(path, subject_id, os.urandom(KEY_BYTES))
        finally:
            os.close(folder)

    def _wrap(self, path: Path, subject_id: str, key: bytes) -> None:
        nonce = os.urandom(NONCE_BYTES)
        write_whole(path, nonce + AESGCM(self.derive("subjects")).encrypt(nonce, key, subject_id.encode()))


def key_is_given() -> bool:
    """Whether the key comes from HISAB_KEY and not from the home's file."""
    return bool(os.environ.get(KEY_VARIABLE))


def make_keyring(home: Home) -> Keyring:
    """Give a new home its key (or take HISAB_KEY) and remember its fingerprint. Raises KeyProblem."""
    given = os.environ.get(KEY_VARIABLE)
    key = _decoded(given, KEY_VARIABLE) if given else os.urandom(KEY_BYTES)
    if not given:
        write_whole(_key_path(home), base64.b64encode(key) + b"\n")
    write_whole(home.keys / "fingerprint", _fingerprint(key))
    return Keyring(home, key)


def open_keyring(home: Home) -> Keyring:
    """The keys of an existing home. Raises KeyProblem with the cure, or HomeError when there is no home."""
    home.require()
    given = os.environ.get(KEY_VARIABLE)
    key = _decoded(given, KEY_VARIABLE) if given else _read_key(_key_path(home))
    fingerprint = home.keys / "fingerprint"
    if not fingerprint.exists() or not hmac.compare_digest(fingerprint.read_bytes(), _fingerprint(key)):
        raise KeyProblem(
            f"This is not the key {home.root} was made with; nothing in it can be read with it. "
            "Restore keys/home.key from your backup, or set HISAB_KEY to the right one."
        )
    return Keyring(home, key)


def _key_path(home: Home) -> Path:
    return home.keys / "home.key"


def _fingerprint(key: bytes) -> bytes:
    return hmac.new(key, b"hisab/fingerprint", "sha256").hexdigest().encode()


def _decoded(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyProblem(f"{where} does not hold a key: it should be 32 bytes in base64.")
    return key


def _read_key(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii")
    except FileNotFoundError:
        raise KeyProblem(
            f"The key of this home is missing ({path}). Without it nothing in the home can be read: "
            "restore the file from your backup, or set HISAB_KEY."
        ) from None
    except (OSError, UnicodeDecodeError):
        raise KeyProblem(
            f"{path} cannot be read: check its owner and that it is the file `hisab init` wrote."
        ) from None
    if mode & _OTHERS:
        raise KeyProblem(f"{path} can be read by others (mode {mode & 0o777:o}). Run: chmod {PRIVATE_FILE:o} {path}")
    return _decoded(text, str(path))
