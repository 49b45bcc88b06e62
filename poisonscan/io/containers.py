"""Which container a file is: by its content; its extension only decides where content cannot."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from poisonscan.errors import DatasetError
from poisonscan.io.fields import RECORD_LISTS
from poisonscan.io.jsontext import TOKEN, parse_object
from poisonscan.io.lines import BLANK, UTF8_BOM, is_blank
from poisonscan.io.sources import data_extension
from poisonscan.io.stream import compression_of

#: Bytes that are looked at: enough for the metadata that may precede a list of rows.
HEAD_BYTES = 256 << 10

_FOREIGN = {
    b"PK\x03\x04": "a zip archive; unpack it first",
    b"BZh": "bzip2 data; recompress them with gzip or zstd",
    b"\xfd7zXZ\x00": "xz data; recompress them with gzip or zstd",
    b"\x04\x22\x4d\x18": "lz4 data; recompress them with gzip or zstd",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive; unpack it first",
    b"ARROW1": "an Arrow file; write it as Parquet",
    b"\xff\xfe": "UTF-16 text; convert it to UTF-8",
    b"\xfe\xff": "UTF-16 text; convert it to UTF-8",
    b"%PDF": "a PDF",
    b"\x89PNG": "an image",
    b"SQLite format 3": "an SQLite database; export its rows as JSONL",
    b"\x93NUMPY": "a NumPy array",
    b"<": "XML or HTML",
}
_ROW_LIST = re.compile(rb"[ \t\r\n]*+:[ \t\r\n]*+\[(?=[ \t\r\n]*+\{)")


@dataclass(frozen=True, slots=True)
class Container:
    """What a file is.

    Attributes
    ----------
    name
        ``jsonl``, ``json``, ``csv``, ``tsv`` or ``parquet``.
    start
        Of JSON: offset of the first byte behind the bracket that opens the list of rows.
    wrapper_key
        Of JSON: the key that holds the list of rows; ``None`` where the file is the list.
    """

    name: str
    start: int = 0
    wrapper_key: str | None = None


def detect(name: str, head: bytes, is_whole: bool) -> Container:
    """Tell the container of a file from its first bytes (decompressed) and its name.

    Parameters
    ----------
    head
        Up to `HEAD_BYTES` bytes.
    is_whole
        True where `head` is the whole content.

    Raises
    ------
    DatasetError
        The content is of no known container.
    """
    extension = data_extension(name)
    if head.startswith(b"PAR1"):
        return Container("parquet")
    if compression_of(head):
        raise DatasetError(f"{name!r} is compressed twice; decompress it once")
    text = head.removeprefix(UTF8_BOM)
    first = text.lstrip(BLANK)[:1]
    if first == b"[":
        if extension not in ("csv", "tsv") or text.lstrip(b"[" + BLANK)[:1] in (b"{", b"]"):
            return Container("json", start=head.index(b"[") + 1)
    elif first == b"{":
        return _detect_objects(name, extension, head, is_whole)
    elif not first and extension not in ("csv", "tsv", "parquet"):
        return Container("jsonl")  # no records under any name
    return _detect_text(name, extension, head)


def _detect_text(name: str, extension: str, head: bytes) -> Container:
    """Decide about content that begins neither with ``{`` nor with ``[{``."""
    for magic, meaning in _FOREIGN.items():
        if head.startswith(magic) and not (magic == b"<" and extension in ("csv", "tsv")):
            raise DatasetError(f"{name!r} is {meaning}")
    begins = f"it begins with {head[:12]!r}"
    if extension in ("csv", "tsv"):
        return Container(extension)
    if extension == "parquet":
        raise DatasetError(f"{name!r} is no Parquet file: {begins}")
    if b"\0" in head[:4096]:
        raise DatasetError(f"{name!r} holds binary data of no known container: {begins}")
    if extension in ("jsonl", "ndjson"):
        # its first line is malformed, but others are rows
        if any(line.startswith(b"{") for line in head.splitlines()):
            return Container("jsonl")
        raise DatasetError(f"{name!r} holds no JSON objects: {begins}")
    if extension == "json":
        raise DatasetError(f"{name!r} is no JSON: {begins}")
    raise DatasetError(
        f"{name!r} is of no known container: {begins}; "
        "JSONL, JSON and Parquet are known by their content, CSV by the name .csv or .tsv"
    )


def _detect_objects(name: str, extension: str, head: bytes, is_whole: bool) -> Container:
    """Decide about content that begins with ``{``: rows, or one object with rows in it."""
    text = head.removeprefix(UTF8_BOM).lstrip(BLANK)
    first_line, newline, _ = text.partition(b"\n")
    if extension in ("csv", "tsv"):
        is_row = bool(newline) and parse_object(first_line).value is not None
        return Container("jsonl" if is_row else extension)
    if extension in ("jsonl", "ndjson") and not is_blank(first_line[1:]):
        return Container("jsonl")
    end, row_list = _scan_object(text)
    if end is not None and (not is_whole or not is_blank(text[end:])):
        if b"\n" in text[:end]:
            raise DatasetError(
                f"{name!r} holds JSON objects that span several lines; "
                "write one per line, or all of them as one array"
            )
        return Container("jsonl")
    if row_list is not None:
        key, start = row_list
        return Container("json", len(head) - len(text) + start, key)
    if end is not None and b"\n" in text[:end].strip(BLANK):
        raise DatasetError(
            f"{name!r} is one JSON object without a list of rows; write one object per row"
        )
    return Container("jsonl")


def _scan_object(text: bytes) -> tuple[int | None, tuple[str, int] | None]:
    """Return the end of the object that begins here, and the list of rows in it.

    Returns
    -------
    end
        Offset behind its closing brace; ``None`` where it goes on behind the text.
    row_list
        Key of the first list of objects that is not itself a part of a row (such as
        ``messages``), and the offset behind its opening bracket.
    """
    depth = 0
    row_list = None
    for match in TOKEN.finditer(text):
        token = match[0]
        if token in b"{[":
            depth += 1
        elif token in b"}]":
            depth -= 1
            if depth == 0:
                return match.end(), row_list
        elif depth == 1 and row_list is None and token[:1] == b'"':
            opening = _ROW_LIST.match(text, match.end())
            if opening and _key(token) not in RECORD_LISTS:
                row_list = (_key(token), opening.end())
    return None, row_list


def _key(token: bytes) -> str:
    try:
        return str(json.loads(token)).lower()
    except ValueError:
        return ""
