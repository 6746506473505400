"""The encoding of a text, and the text in UTF-8."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping, Sequence

from glassnet.errors import TableError
from glassnet.tables.notes import Note
from glassnet.tables.read.alphabets import fit

COMMONEST = "cp1252"  # of the encodings with a byte a character
LATIN = (
    "cp1252",
    "cp1250",
    "cp1254",
    "cp1257",
    "cp850",
    "mac-roman",
    "cp852",
    "iso8859-2",
    "mac-latin2",
    "cp437",
    "latin-1",
)
CLEARLY = (2.0, 1.4, 1.2)  # times as likely another encoding must be by one word, by two, by three or more
LATIN_FIT = 0.9  # share of the letters that are of one language, from which on they are Latin
HEAD = 4096  # bytes that tell text from other data
WORDS_BYTES = 1 << 16  # of the text that its encoding is judged from


def decoded(data: bytes, name: str, encoding: str | None) -> tuple[bytes, list[Note]]:
    """``data`` as UTF-8 without a byte-order mark, and what had to be assumed."""
    if not data or data.isspace():
        raise TableError(f"{name!r} is empty: it has no header and no rows.")
    if not data[:HEAD].strip(b"\0"):
        raise TableError(f"{name!r} is not a table: it holds binary data, not text.")
    notes: list[Note] = []
    given, encoding = encoding, encoding or encoding_of(data)
    if encoding != "utf-8" or given:
        try:
            data = data.decode(encoding).encode()
        except LookupError:
            raise TableError(f"encoding is {encoding!r}, but Python knows no such encoding.") from None
        except UnicodeError as error:
            raise TableError(f"{name!r} is not {encoding} text, or is damaged: {error}.") from None
        if not given and not encoding.startswith("utf"):
            text = f"The text is not UTF-8; it was read as {encoding}, which is a guess."
            notes.append(Note("encoding", text, "encoding", "NAME"))
    data = data.removeprefix(codecs.BOM_UTF8)
    _refuse_junk(data, name)
    return data, notes


def encoding_of(data: bytes) -> str:
    """UTF-8, UTF-32 and UTF-16 (by their mark, or UTF-16 by its pattern of zero bytes), or what the words look like."""
    if b"\0" not in data[:2000] and (data.isascii() or _decodes(data, "utf-8")):
        return "utf-8"
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    head = data[:2000]
    half = len(head) // 2
    if half and head[1::2].count(0) > 0.7 * half and not head[0::2].count(0):
        return "utf-16-le"
    if half and head[0::2].count(0) > 0.7 * half and not head[1::2].count(0):
        return "utf-16-be"
    return next((name for name in _likely_encodings(data) if _decodes(data, name)), "latin-1")


def _likely_encodings(data: bytes) -> Iterator[str]:
    """Encodings by how well they fit the words that are not ASCII, the commonest one where it fits about as well."""
    import chardet

    lines = [line for line in data[:WORDS_BYTES].splitlines() if not line.isascii()]
    sample = b"\n".join(dict.fromkeys(lines or data.splitlines()))[:WORDS_BYTES]
    words = {word for word in re.findall(rb"[A-Za-z\x80-\xff]+", sample) if not word.isascii()}
    joined = b" ".join(words)
    ranked = {
        codecs.lookup(each["encoding"]).name: each["confidence"]
        for each in chardet.detect_all(sample)
        if each["encoding"]
    }
    commonest = joined.decode(COMMONEST, errors="replace")
    if fit(commonest) == 1 and not any(mark.isalpha() for mark in commonest if not mark.isascii()):
        yield COMMONEST  # nothing but quotation marks, dashes and signs
    fits = {name: fit(joined.decode(name)) for name in LATIN if _decodes(data, name)}
    latin = len(re.findall(rb"[A-Za-z]", joined)) * 2 >= len(
        joined
    )  # which words of other scripts do not have
    if latin or max(fits.values()) >= LATIN_FIT:
        yield _likeliest([name for name in fits if fits[name] == max(fits.values())], ranked, len(words))
    elif max(ranked, key=lambda name: ranked[name], default=COMMONEST) in LATIN:
        yield COMMONEST
    yield from (name for name in ranked if _makes_words(sample, name))
    yield COMMONEST


def _likeliest(names: Sequence[str], ranked: Mapping[str, float], words: int) -> str:
    """The first of ``names``, or the one that is clearly the likeliest by so many words."""
    first = max(names, key=lambda name: ranked.get(name, 0.0))
    clearly = CLEARLY[min(max(words, 1), len(CLEARLY)) - 1]
    return first if ranked.get(first, 0.0) > ranked.get(names[0], 0.0) * clearly else names[0]


def _makes_words(data: bytes, encoding: str) -> bool:
    """Whether words have letters of one script; those of several bytes a character may have others.

    The second byte of such a character may be that of "|", but not if lines then lack one that all others have.
    """
    text = data.decode(encoding, errors="replace")
    if len(text) < len(data):
        return _fewest_bars(data) <= _fewest_bars(text.encode())
    return not re.search(r"[A-Za-z][^\W\d_A-Za-z]|[^\W\d_A-Za-z][A-Za-z]", text)


def _fewest_bars(data: bytes) -> int:
    return min(line.count(b"|") for line in data.split(b"\n"))


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeError:
        return False
    return True


_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x7f]")


def _refuse_junk(data: bytes, name: str) -> None:
    head = data[:HEAD]
    if b"\x00" in data or len(_CONTROL.findall(head)) > len(head) / 50:
        raise TableError(f"{name!r} is not a table: it holds binary data, not text.")
    if re.match(rb"\s*(<!doctype html|<html|<head|<body)", head, re.IGNORECASE):
        raise TableError(f"{name!r} is not a table but a web page (HTML); download the data file itself.")
    if re.match(rb"\s*<\?xml", head):
        raise TableError(f"{name!r} is not a table but an XML document.")
