"""Text by code point on both engines: case, patterns, parts, and strings that want to be something else."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import pytest

from orchestration.catalog.types import BOOLEAN, INTEGER, TEXT
from orchestration.language import like, regex
from orchestration.language.expression import Expression
from tests.compiler.lowering.engines import DIALECTS, Engines, call, column, constant

HOSTILE = (
    "", " ", "it's", "''", "\\", "\\'", "a\\b", "a\nb", "a\r\nb", "a\tb", '"', "/* x */", "-- x", "*/",
    "{{ env_var('HOME') }}",
    "{% raw %}", "%s", "?", ":x", "$1", "$$", "E'\\x41'", "100%", "a_b", "aXb", "x'; drop table given; --", "😀",
    "e\u0301",
    "ß", "ẞ", "Straße", "ΑΣ", "ς", "İ", "ı", "ǆ", "ﬁ", "\u00a0a\u00a0", "  a  ", "\u200b", "NULL", "null", "\\u0041",
    "`a`",
    "x" * 10_000, "Ä", "ä", "A", "z", "Z", "\ufffd", "\U0010fffe", "[a]", "a.b", "^$", "(a|b)*", "\x7f", "\x01",
    "\x0b", "\x0c",
)  # fmt: skip
IN_PYTHON = {"\\$": "\\$", "[a&&b]": "[a&b]", "[a~~b]": "[a~b]"}  # `$` and doubled signs are special there


def simple_lower(text: str) -> str:
    return "".join("i" if c == "İ" else c.lower() if len(c.lower()) == 1 else c for c in text)


def simple_upper(text: str) -> str:
    def capital(c: str) -> str:
        return next((m for m in (c.upper(), c.title()) if len(m) == 1), c)

    return "".join(map(capital, text))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_literals_are_data(engines: Engines, dialect: str) -> None:
    engines.fill(dialect, {"n": INTEGER}, [{"n": 1}])
    assert engines.values(dialect, [constant(text) for text in HOSTILE]) == [HOSTILE]
    same: list[Expression] = [call("eq", constant(text), text) for text in HOSTILE]
    assert engines.values(dialect, same) == [(True,) * len(HOSTILE)]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_functions(engines: Engines, dialect: str) -> None:
    engines.fill(dialect, {"x": TEXT}, [{"x": x} for x in (*HOSTILE, None)])
    x = column("x", TEXT)
    parts = ("", "a", "%", "_", "\\", "'", "b", "😀", ".", "ß")
    trees: list[Expression] = [call(f, x, type=TEXT) for f in ("lower", "upper", "trim")]
    trees += [call("length", x, type=INTEGER), call("concat", x, "-", x, type=TEXT)]
    trees += [call(f, x, part) for part in parts for f in ("starts_with", "ends_with", "contains", "equals_ci")]
    trees += [call("ends_with", x, x), call("in_ci", x, "STRASSE", "straße", "ασ", "AXB")]
    for text, found in zip(HOSTILE, engines.values(dialect, trees), strict=False):
        wanted: list[Any] = [simple_lower(text), simple_upper(text), text.strip(" "), len(text), f"{text}-{text}"]
        for part in parts:
            wanted += [text.startswith(part), text.endswith(part), part in text]
            wanted.append(simple_lower(text) == simple_lower(part))
        wanted += [True, simple_lower(text) in ("strasse", "straße", "ασ", "axb")]
        assert list(found) == wanted, text
    assert set(engines.values(dialect, trees)[-1]) == {None}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_case_of_every_letter(engines: Engines, dialect: str) -> None:
    letters = [chr(c) for c in range(2, 0x20000) if unicodedata.category(chr(c)) not in ("Cs", "Cn", "Co")]
    engines.fill(dialect, {"x": TEXT}, [{"x": "\x01".join(letters)}])
    x = column("x", TEXT)
    ((low, up),) = engines.values(dialect, [call("lower", x, type=TEXT), call("upper", x, type=TEXT)])
    found = zip(letters, low.split("\x01"), up.split("\x01"), strict=True)
    differing = {letter for letter, *cases in found if cases != [simple_lower(letter), simple_upper(letter)]}
    newer = {"ƛ", "ɤ"} if dialect == "postgres" else set()  # letters whose capital is new in Unicode 16
    assert differing == newer


@pytest.mark.parametrize("dialect", DIALECTS)
def test_order_is_by_code_point(engines: Engines, dialect: str) -> None:
    texts = sorted(HOSTILE)
    engines.fill(dialect, {"x": TEXT, "y": TEXT}, [{"x": x, "y": y} for x in texts for y in texts[::5]])
    x, y = column("x", TEXT), column("y", TEXT)
    up = call("concat", x, "!", type=TEXT)
    trees: list[Expression] = [call(op, x, y) for op in ("lt", "le", "gt", "ge", "eq", "ne")]
    trees += [call("least", x, y, type=TEXT), call("greatest", x, y, type=TEXT), call("lt", up, "b")]
    found = engines.values(dialect, trees)
    for (a, b), values in zip(((a, b) for a in texts for b in texts[::5]), found, strict=True):
        wanted = (a < b, a <= b, a > b, a >= b, a == b, a != b, min(a, b), max(a, b), a + "!" < "b")
        assert values == wanted, (a, b)


LIKES = (
    "%",
    "a%",
    "%b",
    "a_b",
    r"a\_b",
    "100\\%",
    r"%\\%",
    "_",
    "__",
    "",
    "it's",
    "%ß%",
    "A%",
    "é",
    "%\n%",
    "İ",
    "ǅ",
    "%Σ",
)


def liked(text: str, pattern: str) -> bool:
    pieces = re.findall(r"\\.|.", pattern, re.DOTALL)
    written = [{"%": ".*", "_": "."}.get(p) or re.escape(p[-1]) for p in pieces]
    return re.fullmatch("".join(written), text, re.DOTALL) is not None


@pytest.mark.parametrize("dialect", DIALECTS)
def test_like(engines: Engines, dialect: str) -> None:
    engines.fill(dialect, {"x": TEXT}, [{"x": x} for x in (*HOSTILE, None)])
    trees: list[Expression] = [call(op, column("x", TEXT), p) for p in LIKES for op in ("like", "ilike")]
    found = engines.values(dialect, trees)
    for text, values in zip(HOSTILE, found, strict=False):
        wanted = [(liked(text, p), liked(simple_lower(text), simple_lower(p))) for p in LIKES]
        assert values == tuple(v for pair in wanted for v in pair), text
    assert set(found[-1]) == {None}


def test_patterns_of_like_that_engines_disagree_on_are_refused() -> None:
    assert [like.problem_in(p) is None for p in (*LIKES, "\\", "a\\b", "\\\\\\", "\0")] == [True] * len(LIKES) + [
        False
    ] * 4


PATTERNS = (
    "", "a", "a.b", "^a", "b$", "^$", "a|b", "(a|b)*c?", "(?:x){2,3}", "^x{255}", "[a-c]+", "[^a-z]", r"\d+", r"\w",
    r"\s", r"\S",
    r"\D", r"\W", r"[\d_]", r"[\w.\-]+", r"\.", r"\\", r"\*", "[.]", "[]a]|\\]".replace("[]a]", "[\\]a]"), "[a-]",
    "[-a]", "ß",
    "[äöü]", "😀", "^.$", "^..$", r"\n", r"[\n\t]", "it's", "a{0}b", "()", "(|a)b", "^(a|)$", "[^x]", r"^[^\n]*$", '"',
    "/",
    "#", "a b", "&&", "[a&&b]", "[a~~b]", "-", "^\\^", "\\$", "{{".replace("{", "\\{"), r"\x7f".replace(r"\x7f",
    "\x7f"), "~", "@",
)  # fmt: skip


@pytest.mark.parametrize("dialect", DIALECTS)
def test_matches(engines: Engines, dialect: str) -> None:
    assert [p for p in PATTERNS if regex.problem_in(p)] == []
    engines.fill(dialect, {"x": TEXT}, [{"x": x} for x in (*HOSTILE, None)])
    found = engines.values(dialect, [call("matches", column("x", TEXT), p) for p in PATTERNS])
    for text, values in zip(HOSTILE, found, strict=False):
        for pattern, value in zip(PATTERNS, values, strict=True):
            in_python = IN_PYTHON.get(pattern, pattern.replace("$", r"\Z"))
            assert value == (re.search(in_python, text, re.ASCII) is not None), (pattern, text)
    assert set(found[-1]) == {None}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_largest_patterns_run(engines: Engines, dialect: str) -> None:
    wide = [
        r"[^\n]{250}" * 15,
        r"(?:[^a]{25}){40}",
        r"(?:\w|\s){255}" * 3,
        "(" * 50 + "a" + ")" * 50,
        "(?:a*){255}",
        "x" * 3900,
    ]
    assert [p for p in wide if regex.problem_in(p)] == []
    engines.fill(dialect, {"x": TEXT}, [{"x": "x" * 10_000}, {"x": "ß" * 300}])
    found = engines.values(dialect, [call("matches", column("x", TEXT), p, type=BOOLEAN) for p in wide])
    assert found == [(True, True, True, False, True, True), (False, False, False, False, True, False)]


@pytest.mark.parametrize(
    ("pattern", "offset", "word"),
    [
        ("a(b", 1, "without `)`"),
        ("a)b", 1, "`)` without"),
        ("[ab", 0, "without `]`"),
        ("[]", 0, "empty set"),
        ("*a", 0, "nothing to repeat"),
        ("a|*", 2, "nothing to repeat"),
        ("a**", 2, "repeated"),
        ("a*?", 2, "lazy"),
        ("a{2}{3}", 4, "repeated"),
        ("a{,3}", 1, "{3,5}"),
        ("a{3", 1, "{3,5}"),
        ("a{3,2}", 1, "wrong way"),
        ("a{256}", 1, "at most 255"),
        (r"\b", 0, "not known"),
        (r"\1", 0, "not known"),
        (r"\p{L}", 0, "not known"),
        ("\\", 0, "at the end"),
        ("(?i)a", 0, "plain groups"),
        ("(?=a)", 0, "plain groups"),
        ("^*", 1, "cannot be repeated"),
        ("[z-a]", 1, "wrong way"),
        ("[à-ü]", 1, "not between ASCII"),
        ("[[:alpha:]]", 1, "named classes"),
        (r"[\D]", 1, "within brackets"),
        ("[a-\\d]", 1, "from one character"),
        ("(" * 51 + ")" * 51, 51, "nested"),
        ("(a{100}){11}", 8, "nested repetitions"),
        ("a{255}" * 20, 0, "too large"),
        ("a\0", 1, "NUL"),
        ("a{١}", 1, "{3,5}"),
    ],
)
def test_other_patterns_are_refused(pattern: str, offset: int, word: str) -> None:
    problem = regex.problem_in(pattern)
    assert problem is not None
    assert problem.offset == offset
    assert word in problem.message
