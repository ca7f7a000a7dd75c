"""How the fuzzer damages a text: rules drawn by a seed, from a flipped bit to aliases of aliases in YAML."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

NUMBERS = [
    "nan",
    "inf",
    "-inf",
    "1e999",
    "-1e999",
    "1e308",
    "-0.0",
    "0",
    "-1",
    "1e-400",
    "5e-324",
    "9e99999999",
    "0e999999",
    "1e-999999999",
    "0x10",
    "1_000",
    "1,5",
    ".",
    "-",
    "1e",
    "+1",
    "٣",
    "½",
    "99999999999999999999999",
    "0.1.2",
    "1/0",
    "1e5e5",
    "true",
    "1979-05-27",
    "07:32:00",
    "1979-05-27T07:32:00Z",
    ".nan",
    ".inf",
    "0o17",
    "0b1",
]
CODE = (
    "__import__('os').system('touch canary')",
    "!!python/object/apply:os.system ['touch canary']",
    "!!python/name:os.system",
    "$(touch canary)",
    "`touch canary`",
    "{{7*7}}",
    "%(x)s{0}",
    "lambda: open('canary', 'w')",
    "!!binary aGVsbG8=",
    "!!python/module:canary",
)
WORDS = (
    *CODE,
    "../../../canary",
    "/dev/zero",
    "/dev/stdin",
    "/proc/self/mem",
    "~root",
    "C:\\con",
    ".",
    "..",
    "\0",
    "\x1b]0;x\x07",
    "\r",
    "\t",
    "\v\f",
    "\u202e",
    "\ufeff",
    "💥",
    "é",
    "\u0000",
    "\ud7ff",
    "'''",
    '"""',
    '"',
    "'",
    "#",
    "=",
    ":",
    "- ",
    "?",
    "|",
    ">",
    "---",
    "...",
    "%YAML 9.9",
    "!",
    "&a",
    "*a",
    "<<: *a",
    "&a [*a]",
    "[",
    "]",
    "{",
    "}",
    ",",
    "null",
    "~",
    "none",
    "all",
    "[]",
    "{}",
    "''",
    "yes",
    "NO",
    "\\u0041",
    "\\xff",
    "\\",
    "$",
    "${HOME}",
    "K",
    "kg",
    "1 ocean",
    "IW+0.5",
    "H2O",
    "C(gr)",
    "{a = 1}",
    "[[x]]",
    "[x]",
    "a.b.c = 1",
    "\n",
    "\n\n",
    " ",
    "",
    "x" * 300,
)
TOKEN = re.compile(rb"[A-Za-z_][\w.()-]*|[-+]?\d[\d.eE+-]*|\"[^\"\n]*\"|'[^'\n]*'|\S")
NUMBER = re.compile(rb"(?<![A-Za-z_])[-+]?\d+\.?\d*(?:[eE][-+]?\d+)?")


def _spot(rng: random.Random, text: bytes) -> int:
    return rng.randrange(len(text) + 1)


def _replaced(rng: random.Random, text: bytes, pattern: re.Pattern[bytes], words: Sequence[str]) -> bytes:
    """The text with a match of the pattern replaced by a word."""
    spans = [m.span() for m in pattern.finditer(text)]
    if not spans:
        return text + rng.choice(words).encode("utf-8", "surrogatepass")
    start, end = rng.choice(spans)
    return text[:start] + rng.choice(words).encode("utf-8", "surrogatepass") + text[end:]


def _flip(rng: random.Random, text: bytes, words: Sequence[str]) -> bytes:
    flipped = bytearray(text)
    for _ in range(rng.choice((1, 1, 2, 8))):
        if flipped:
            flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
    return bytes(flipped)


def _cut(rng: random.Random, text: bytes, words: Sequence[str]) -> bytes:
    a, b = sorted((_spot(rng, text), _spot(rng, text)))
    return rng.choice((text[:a], text[b:], text[:a] + text[b:], text[:a] + text[a:b] + text[a:]))


def _bytes(rng: random.Random, text: bytes, words: Sequence[str]) -> bytes:
    at = _spot(rng, text)
    return text[:at] + rng.randbytes(rng.choice((1, 3, 40))) + text[at:]


def _number(rng: random.Random, text: bytes, words: Sequence[str]) -> bytes:
    return _replaced(rng, text, NUMBER, (*NUMBERS, "1" * 5000, "1e" + "9" * 400, "0." + "1" * 3000))


def _token(rng: random.Random, text: bytes, words: Sequence[str]) -> bytes:
    return _replaced(rng, text, TOKEN, (*words, *NUMBERS))


def _insert(rng: random.Random, text: bytes, words: Sequence[str]) -> bytes:
    at = _spot(rng, text)
    return text[:at] + rng.choice(words).encode("utf-8", "surrogatepass") + text[at:]


def _swap(rng: random.Random, text: bytes, words: Sequence[str]) -> bytes:
    spans = [m.span() for m in TOKEN.finditer(text)]
    if len(spans) < 2:
        return text
    (a, b), (c, d) = sorted(rng.sample(spans, 2))
    return text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]


def _lines(rng: random.Random, text: bytes, words: Sequence[str]) -> bytes:
    lines = text.splitlines(keepends=True)
    if not lines:
        return text
    a, b = rng.randrange(len(lines)), rng.randrange(len(lines))
    kind = rng.randrange(4)
    if kind == 0:
        lines.insert(b, lines[a])  # a key twice
    elif kind == 1:
        del lines[a]
    elif kind == 2:
        lines[a], lines[b] = lines[b], lines[a]
    else:
        lines[a] = rng.choice((b"  ", b"\t", b" ")) + lines[a]
    return b"".join(lines)


def _form(rng: random.Random, text: bytes, words: Sequence[str]) -> bytes:
    return rng.choice(
        (
            lambda: text.replace(b"\n", b"\r\n"),
            lambda: text.replace(b"\n", b"\r"),
            lambda: b"\xef\xbb\xbf" + text,
            lambda: text.replace(b"\n", b" "),
            lambda: text.decode("utf-8", "replace").encode("utf-16"),
            lambda: text.decode("utf-8", "replace").encode("utf-32-be"),
            lambda: text * 2,
            lambda: text.replace(b" ", b"\xc2\xa0"),
            lambda: text.replace(b"=", b":"),
            lambda: text.replace(b"1", "１".encode()),
            lambda: b"",
        )
    )()


def _deep(rng: random.Random, text: bytes, words: Sequence[str]) -> bytes:
    depth, at = rng.choice((30, 300, 3000, 30000)), _spot(rng, text)
    opening, closing = rng.choice(
        (
            (b"[", b"]"),
            (b"{a: ", b"}"),
            (b"{a = ", b"}"),
            (b"(", b")"),
            (b"- ", b""),
            (b"a.", b""),
            (b"'", b""),
            (b"? ", b""),
        )
    )
    return text[:at] + opening * depth + (closing * depth if rng.random() < 0.5 else b"") + text[at:]


def _long(rng: random.Random, text: bytes, words: Sequence[str]) -> bytes:
    at, word = _spot(rng, text), rng.choice(words).encode("utf-8", "surrogatepass") or b"x"
    return text[:at] + word * (20000 // len(word)) + text[at:]


def _laughs(rng: random.Random, text: bytes, words: Sequence[str]) -> bytes:
    """Aliases of aliases: 9^depth entries in a few lines of YAML."""
    depth, opening, closing = rng.choice((2, 9)), *rng.choice((("[", "]"), ("{<<: [", "]}")))
    rows = ["l0: &l0 {x0: 1}"]
    for k in range(1, depth + 1):
        aliases = ", ".join([f"*l{k - 1}"] * 9)
        rows.append(f"l{k}: &l{k} {opening}{aliases}{closing}")
    return ("\n".join(rows) + "\n").encode() + _replaced(rng, text, TOKEN, (f"*l{depth}",))


DAMAGE = (
    _flip,
    _cut,
    _bytes,
    _number,
    _number,
    _number,
    _token,
    _token,
    _token,
    _insert,
    _insert,
    _swap,
    _swap,
    _lines,
    _lines,
    _form,
    _deep,
    _long,
    _laughs,
)


def damaged(text: bytes, rng: random.Random, words: tuple[str, ...] = ()) -> bytes:
    """The text after one to four damages. words: those that have a meaning in its kind of file."""
    for _ in range(rng.choice((1, 1, 1, 2, 2, 4))):
        text = rng.choice(DAMAGE)(rng, text, (*WORDS, *words, *words))
        text = text[:400_000]
    return text
