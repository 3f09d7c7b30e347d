"""Files that are no text, whole in memory, and ZIP archives whose own word for their size is not trusted.

Put here what bounds a binary file before anything opens it. Keep out what is inside (`workbook`, each format's own).
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import BinaryIO

from pipelines.sources.source import SourceError

MOST_BYTES = 512 << 20
"""Bytes a binary file may have, packed or unpacked."""
_MOST_MEMBERS = 2000
_PIECE = 1 << 20
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_ENCRYPTED = 1
_TOO_LARGE = "The archive unpacks to more than 512 MB, which no export of money records does; it was not opened."


def whole_file(body: BinaryIO) -> bytes:
    """The rest of a file as bytes. Raises SourceError when it is larger than MOST_BYTES."""
    pieces, size = [], 0
    while piece := body.read(_PIECE):
        pieces.append(piece)
        size += len(piece)
        if size > MOST_BYTES:
            raise SourceError("The file is larger than 512 MB; export a shorter period.")
    return b"".join(pieces)


def open_archive(raw: bytes) -> zipfile.ZipFile:
    """A ZIP archive every member of which was unpacked once to see its true size.

    Raises SourceError when it is damaged, has a password, is packed in an unusual way, or unpacks to more than
    MOST_BYTES.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
        members = archive.infolist()
        if len(members) > _MOST_MEMBERS or sum(each.file_size for each in members) > MOST_BYTES:
            raise SourceError(_TOO_LARGE)
        left = MOST_BYTES
        for each in members:
            left -= _true_size(raw, each, left)
    except (zipfile.BadZipFile, struct.error, zlib.error, ValueError, OSError, NotImplementedError, EOFError):
        raise SourceError("The archive is damaged; export the file again.") from None
    return archive


def _true_size(raw: bytes, member: zipfile.ZipInfo, most: int) -> int:
    """Bytes a member unpacks to, whatever the archive says. Raises SourceError beyond `most`."""
    if member.flag_bits & _ENCRYPTED:
        raise SourceError("The archive has a password; take it away and import the file again.")
    signature, name, extra = _LOCAL_HEADER.unpack_from(raw, member.header_offset)
    if signature != b"PK\x03\x04":
        raise zipfile.BadZipFile
    start = member.header_offset + _LOCAL_HEADER.size + name + extra
    packed = memoryview(raw)[start : start + member.compress_size]
    if member.compress_type == zipfile.ZIP_STORED:
        return len(packed)
    if member.compress_type != zipfile.ZIP_DEFLATED:
        raise SourceError("The archive is packed in an unusual way; unpack it and import what is inside.")
    inflater, size, rest = zlib.decompressobj(-zlib.MAX_WBITS), 0, bytes(packed)
    while not inflater.eof and (rest or size == 0):
        piece = inflater.decompress(rest, _PIECE)
        size += len(piece)
        if size > most:
            raise SourceError(_TOO_LARGE)
        rest = inflater.unconsumed_tail
        if not piece:
            break
    return size
