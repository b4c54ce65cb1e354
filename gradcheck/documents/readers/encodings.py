"""A file's bytes as text, and what had to be assumed for it."""

from __future__ import annotations

import codecs

from gradcheck.documents.document import Problem
from gradcheck.errors import UsageError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

LEGACY = ("gb18030", "big5", "shift_jis", "euc_kr", "cp1252")
"""The encodings tried where the text is not UTF-8; GB18030 has GBK and GB2312 in it."""

SAMPLE = 64 * 1024
"""So many bytes decide which of them it is."""


LEVEL_ONE = range(0xB0, 0xD8)
"""The first bytes of the 3,755 commonest Chinese characters in GB2312."""

BEYOND_HANGUL = 0xC9
"""Korean's own encoding has its syllables up to here, where GB2312 has half of its commonest characters."""

COMMON = 0.9
"""So large a part of a Chinese text is of the commonest characters; of another language's bytes hardly any is."""


def decoded(data: bytes, path: str) -> tuple[str, tuple[Problem, ...]]:
    """The text of a document with line ends as `\\\\n`, and a notice where its encoding had to be assumed.

    Raises UsageError for a binary file, and for bytes that are in none of the known encodings.

    >>> decoded("梯度".encode("gbk"), "a.md")[1][0].text
    'the file is not UTF-8; it was read as gb18030'
    """
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "")
    if not encoding and b"\0" in data:
        raise UsageError(
            f"{path} is a binary file; a document is text: Markdown, a notebook, rst, HTML, Python or plain"
        )
    try:
        return _with_plain_ends(data.decode(encoding or "utf-8")), ()
    except UnicodeDecodeError as error:
        if encoding:
            raise UsageError(f"{path} begins as {encoding.upper()} but is not: {error.reason}") from None
    assumed, text = _assumed(data, path)
    return _with_plain_ends(text), (Problem(1, f"the file is not UTF-8; it was read as {assumed}"),)


def _assumed(data: bytes, path: str) -> tuple[str, str]:
    likely = [] if _is_chinese(data[:SAMPLE]) else _guessed(data[:SAMPLE])
    for encoding in dict.fromkeys([*likely, *LEGACY[:1]]):
        try:
            return encoding, data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UsageError(f"{path} is in no known encoding; accepted: UTF-8, UTF-16 with its mark, {', '.join(LEGACY)}")


def _guessed(sample: bytes) -> list[str]:
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=list(LEGACY)).best()
    return [best.encoding] if best else []


def _is_chinese(sample: bytes) -> bool:
    """Whether the bytes beyond ASCII are Chinese in GB2312: a guess by statistics fails where they are few."""
    pairs, place = [], 0
    while place < len(sample) - 1:
        pair = sample[place] >= 0x80
        pairs += [(sample[place], sample[place + 1])] if pair else []
        place += 2 if pair else 1
    words = [first for first, second in pairs if first in LEVEL_ONE and second >= 0xA1]
    signs = sum(0xA1 <= first <= 0xA3 and second >= 0xA1 for first, second in pairs)
    known = len(words) >= COMMON * (len(pairs) - signs)
    # Korean is written with the signs of ASCII.
    return bool(words) and known and (signs > 0 or any(first >= BEYOND_HANGUL for first in words))


def _with_plain_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
