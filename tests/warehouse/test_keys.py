"""Keys open what they made and nothing else; whoever lacks one is told what to do."""

from __future__ import annotations

import base64
import logging
import os
import stat
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.home import Home, HomeError
from warehouse.keys import KEY_BYTES, KeyProblem, Keyring, make_keyring, open_keyring

OTHER_KEY = base64.b64encode(bytes(range(32))).decode()


def test_an_opened_keyring_derives_what_the_made_one_did(home: Home, keyring: Keyring) -> None:
    again = open_keyring(home)
    assert again.derive("warehouse") == keyring.derive("warehouse")
    assert again.opaque_id("p", "Amina") == keyring.opaque_id("p", "Amina")
    assert again.subject_key("p_1") == keyring.subject_key("p_1")


def test_all_who_ask_at_once_for_a_new_subjects_key_get_the_same_one(home: Home, keyring: Keyring) -> None:
    """Else what one of them landed could never be read again."""
    together = threading.Barrier(16)

    def ask(_number: int) -> bytes:
        together.wait()
        return keyring.subject_key("p_new")

    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(ask, range(16)))
    assert keys == {open_keyring(home).subject_key("p_new")}
    assert [path.name for path in (home.keys / "subjects").iterdir()] == ["p_new.key"]


def test_the_key_file_is_private(home: Home, keyring: Keyring) -> None:
    for path in (home.keys / "home.key", home.keys / "fingerprint"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_two_homes_never_share_a_key(home: Home, keyring: Keyring, tmp_path: object) -> None:
    other = Home(home.root.parent / "other")
    other.make_folders()
    assert make_keyring(other).derive("warehouse") != keyring.derive("warehouse")


def test_a_lost_key_is_told_with_its_place_and_its_cure(home: Home, keyring: Keyring) -> None:
    (home.keys / "home.key").unlink()
    with pytest.raises(KeyProblem, match=r"missing .*home\.key.*restore the file from your backup, or set HISAB_KEY"):
        open_keyring(home)


def test_a_wrong_key_opens_nothing(home: Home, keyring: Keyring) -> None:
    (home.keys / "home.key").write_text(OTHER_KEY)
    with pytest.raises(KeyProblem, match=r"This is not the key .* was made with"):
        open_keyring(home)


def test_a_wrong_key_in_the_variable_opens_nothing(
    home: Home, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HISAB_KEY", OTHER_KEY)
    with pytest.raises(KeyProblem, match="This is not the key"):
        open_keyring(home)


def test_a_home_without_its_fingerprint_takes_no_key(home: Home, keyring: Keyring) -> None:
    """Else a wrong key would write a second set of files nobody can read together."""
    (home.keys / "fingerprint").unlink()
    with pytest.raises(KeyProblem, match="This is not the key"):
        open_keyring(home)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666, 0o644, 0o610])
def test_a_key_others_can_read_is_refused_with_the_command_that_mends_it(
    home: Home, keyring: Keyring, mode: int
) -> None:
    path = home.keys / "home.key"
    path.chmod(mode)
    with pytest.raises(KeyProblem, match=rf"mode {mode:o}\)\. Run: chmod 600 .*home\.key"):
        open_keyring(home)


@pytest.mark.parametrize(
    "text",
    ["no base64!", base64.b64encode(bytes(31)).decode(), base64.b64encode(bytes(33)).decode(), "চাবি", OTHER_KEY[:-1]],
)
def test_a_malformed_variable_is_named_and_never_shown(
    home: Home, keyring: Keyring, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("HISAB_KEY", text)
    with pytest.raises(KeyProblem, match="HISAB_KEY does not hold a key") as caught:
        open_keyring(home)
    assert text not in str(caught.value)


def test_an_empty_key_file_is_told_by_its_name(home: Home, keyring: Keyring) -> None:
    (home.keys / "home.key").write_bytes(b"")
    with pytest.raises(KeyProblem, match=r"home\.key does not hold a key"):
        open_keyring(home)


def test_a_key_file_of_other_bytes_is_told_by_its_name(home: Home, keyring: Keyring) -> None:
    (home.keys / "home.key").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(KeyProblem, match=r"home\.key cannot be read"):
        open_keyring(home)


def test_a_home_made_with_the_variable_writes_no_key(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HISAB_KEY", OTHER_KEY)
    make_keyring(home)
    assert not (home.keys / "home.key").exists()
    open_keyring(home)
    monkeypatch.delenv("HISAB_KEY")
    with pytest.raises(KeyProblem, match="is missing"):
        open_keyring(home)


def test_the_variable_may_end_with_a_line_end(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HISAB_KEY", OTHER_KEY + "\n")
    make_keyring(home)
    assert open_keyring(home).derive("x") == Keyring(home, bytes(range(32))).derive("x")


def test_without_a_home_there_is_no_key_to_open(home: Home) -> None:
    with pytest.raises(HomeError, match="There is no home"):
        open_keyring(Home(home.root / "nowhere"))


@given(st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES), st.text(max_size=20), st.text(max_size=20))
def test_each_purpose_has_a_key_of_its_own(key: bytes, one: str, other: str) -> None:
    from pathlib import Path

    ring = Keyring(Home(Path("/nowhere")), key)
    assert len(ring.derive(one)) == KEY_BYTES
    assert (ring.derive(one) == ring.derive(other)) == (one == other)
    assert base64.b64decode(ring.engine_key(one)) == ring.derive(one)


def test_the_derivation_stays_what_existing_homes_were_made_with() -> None:
    """Golden values, computed by RFC 5869 with plain HMAC: a change would lock every home there is."""
    import hmac
    from pathlib import Path

    key = bytes(range(32))
    extracted = hmac.digest(bytes(32), key, "sha256")
    expanded = hmac.digest(extracted, b"hisab/warehouse\x01", "sha256")
    assert Keyring(Home(Path("/nowhere")), key).derive("warehouse") == expanded


def test_an_opaque_id_tells_nothing_and_stays_the_same(home: Home, keyring: Keyring) -> None:
    made = keyring.opaque_id("c", "Amina Rahman", "hishebi")
    assert made == open_keyring(home).opaque_id("c", "Amina Rahman", "hishebi")
    assert made.startswith("c_")
    assert len(made) == 18
    assert made[2:].isalnum()
    assert "amina" not in made.lower()


def test_opaque_ids_of_two_homes_cannot_be_linked(home: Home, keyring: Keyring) -> None:
    other = Home(home.root.parent / "other")
    other.make_folders()
    assert make_keyring(other).opaque_id("p", "Amina") != keyring.opaque_id("p", "Amina")


def test_opaque_ids_know_where_one_part_ends(keyring: Keyring) -> None:
    ids = {keyring.opaque_id("c", "ab", "c"), keyring.opaque_id("c", "a", "bc"), keyring.opaque_id("p", "ab", "c")}
    assert len(ids) == 3


def test_a_destroyed_subject_key_is_gone_for_good(home: Home, keyring: Keyring) -> None:
    before = keyring.subject_key("p_1")
    keyring.destroy_subject_key("p_1")
    for ring in (keyring, open_keyring(home)):
        with pytest.raises(KeyProblem, match="The key of p_1 was destroyed"):
            ring.subject_key("p_1")
    assert all(before not in path.read_bytes() for path in home.keys.rglob("*") if path.is_file())
    assert keyring.subject_key("p_2") != before


def test_destroying_twice_or_before_the_first_use_is_the_same(keyring: Keyring) -> None:
    keyring.destroy_subject_key("p_never_used")
    keyring.destroy_subject_key("p_never_used")
    with pytest.raises(KeyProblem, match="was destroyed"):
        keyring.subject_key("p_never_used")


def test_an_altered_subject_key_is_told_and_never_remade(home: Home, keyring: Keyring) -> None:
    keyring.subject_key("p_1")
    path = home.keys / "subjects" / "p_1.key"
    sealed = bytearray(path.read_bytes())
    sealed[20] ^= 1
    path.write_bytes(sealed)
    with pytest.raises(KeyProblem, match="p_1 is damaged: restore keys/subjects"):
        keyring.subject_key("p_1")
    assert path.read_bytes() == bytes(sealed)


def test_a_subject_key_cannot_stand_in_for_another(home: Home, keyring: Keyring) -> None:
    keyring.subject_key("p_1")
    keyring.subject_key("p_2")
    folder = home.keys / "subjects"
    (folder / "p_2.key").write_bytes((folder / "p_1.key").read_bytes())
    with pytest.raises(KeyProblem, match="p_2 is damaged"):
        keyring.subject_key("p_2")


def test_subject_keys_do_not_lie_in_clear(home: Home, keyring: Keyring) -> None:
    key = keyring.subject_key("p_1")
    assert key not in (home.keys / "subjects" / "p_1.key").read_bytes()


def test_no_key_shows_when_a_keyring_is_shown(home: Home, keyring: Keyring, caplog: pytest.LogCaptureFixture) -> None:
    key = base64.b64decode((home.keys / "home.key").read_bytes())
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("test").warning("%s %r", keyring, keyring)
    shown = f"{keyring} {keyring!r} {caplog.text} {[keyring]}"
    assert shown.count("Keyring(") == 5
    for form in (repr(key), key.hex(), base64.b64encode(key).decode()):
        assert form not in shown


def test_no_key_shows_in_the_traceback_of_a_refusal(home: Home, keyring: Keyring) -> None:
    (home.keys / "home.key").chmod(0o644)
    secret = (home.keys / "home.key").read_text().strip()
    try:
        open_keyring(home)
    except KeyProblem:
        assert secret not in traceback.format_exc()
    else:
        pytest.fail("a key that others can read was taken")


def test_making_a_subject_key_leaves_no_half_file(
    home: Home, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        keyring.subject_key("p_1")
    monkeypatch.undo()
    assert len(keyring.subject_key("p_1")) == KEY_BYTES
