"""Whether a user's SQL only reads published tables: decided before any engine sees it.

In: the text, the dialect, what is published. Out: the text to run, without its comments; or a `UserError`. Two
readings must agree that it is harmless: sqlglot's tree (one query, of published tables and its own CTEs) and the words
themselves (every word before a parenthesis is a known function, no other schema is named), so that a construct that
sqlglot reads in another way than the engine still names nothing dangerous. The text itself is run, not sqlglot's
rendering of it, which could mean something else.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestration.diagnostics import UserError, nearest
from orchestration.warehouse.functions import FORBIDDEN_WORDS, FUNCTIONS, KEYWORDS

if TYPE_CHECKING:
    from sqlglot import Token, exp

SERVING_SCHEMA = "segments"
LONGEST = 50_000
DEEPEST = 100
OPENING = {"select", "with", "values", "from", "("}
SYSTEM_PREFIXES = ("pg_", "duckdb_", "sqlite_", "pragma_", "information_schema")
REMEDY = "a query reads the tables of schema `segments`; `show tables` lists them"


@dataclass(frozen=True, slots=True)
class Published:
    """What a query may read: tables of the schema `segments`, its catalog, and the names of all other schemas."""

    catalog: str
    tables: Collection[str]
    other_schemas: Collection[str]


@dataclass(frozen=True, slots=True)
class Word:
    """A token: its own text, and the name it stands for if it is a word or a quoted identifier."""

    text: str
    name: str | None
    quoted: bool


def guard(sql: str, dialect: str, published: Published) -> str:
    """The text of one harmless query, or a `UserError` that says what is not allowed."""
    if len(sql) > LONGEST:
        raise _refused(f"the query is longer than {LONGEST:,} characters")
    tokens = _tokens(sql, dialect)
    text = _without_comments(sql, tokens)
    words = [word for token in tokens for word in _words(sql[token.start : token.end + 1])]
    if not words:
        raise _refused("there is no query")
    _check_words(words, published)
    _check_tree(text, dialect, published)
    return text


def _tokens(sql: str, dialect: str) -> list[Token]:
    from sqlglot import TokenType
    from sqlglot.dialects.dialect import Dialect
    from sqlglot.errors import TokenError

    odd = {
        TokenType.BIT_STRING: "a bit string",
        TokenType.BYTE_STRING: "a string with escapes (e'…')",
        TokenType.HEREDOC_STRING: "a dollar-quoted string",
        TokenType.HEX_STRING: "a hexadecimal string",
        TokenType.NATIONAL_STRING: "a national string (n'…')",
        TokenType.RAW_STRING: "a raw string",
        TokenType.UNICODE_STRING: "a string with escapes (u&'…')",
        TokenType.PARAMETER: "a parameter",
        TokenType.PLACEHOLDER: "a parameter",
        TokenType.UNKNOWN: "an unknown character",
    }
    try:
        tokens = Dialect.get_or_raise(dialect).tokenize(sql)
    except TokenError as error:
        raise _refused("a string, an identifier or a comment is not closed") from error
    while tokens and tokens[-1].token_type is TokenType.SEMICOLON:
        tokens.pop()
    for token in tokens:
        if token.token_type is TokenType.SEMICOLON:
            raise _refused("there is more than one statement")
        if what := odd.get(token.token_type):
            raise _refused(f"{what} (`{sql[token.start : token.end + 1]}`) cannot be used here", "write a plain '…'")
    return list(tokens)


def _without_comments(sql: str, tokens: Sequence[Token]) -> str:
    """The text with a space for every comment: engines differ in where some of them end."""
    parts: list[str] = []
    end = 0
    for token in tokens:
        gap, slice_ = sql[end : token.start], sql[token.start : token.end + 1]
        parts += [gap if not gap.strip() else " ", slice_]
        plain = "" if slice_[:1] in "'\"" else slice_
        for character in (gap if not gap.strip() else "") + plain:
            if not (" " <= character <= "~" or character in "\t\r\n" or (character > "\x7f" and character.isalnum())):
                raise _refused(f"the character U+{ord(character):04X} cannot be used outside of strings")
        if "\x00" in slice_:
            raise _refused("the character U+0000 cannot be used")
        if any(mark in plain for mark in ("--", "/*", "*/", "$$", "\\", "`")):
            raise _refused(f"`{plain}` cannot be used here")
        end = token.end + 1
    return "".join(parts).strip()


def _words(text: str) -> list[Word]:
    """The words of one token; some, such as `group by`, are several."""
    if text.startswith('"'):
        return [Word(text, text[1:-1].replace('""', '"').lower(), quoted=True)]
    if text[:1].isalpha() or text[:1] == "_":
        return [Word(part, part.lower(), quoted=False) for part in text.split()]
    return [Word(text, None, quoted=False)]


def _check_words(words: Sequence[Word], published: Published) -> None:
    first = words[0].text.lower()
    if first not in OPENING:
        raise _refused(f"a query begins with `select`, `with`, `values` or `from`, not with `{words[0].text}`")
    others = {name.lower() for name in published.other_schemas} - {SERVING_SCHEMA}
    depth = 0
    for index, word in enumerate(words):
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(word.text, 0)
        if depth > DEEPEST:
            raise _refused(f"the query is nested more than {DEEPEST} levels deep")
        if word.name is None:
            continue
        following = words[index + 1].text if index + 1 < len(words) else ""
        if word.name.startswith(SYSTEM_PREFIXES):
            raise _refused(f"`{word.name}` is not a published table or a function for queries")
        if not word.quoted and word.name in FORBIDDEN_WORDS and following != "." and not _after_dot(words, index):
            raise _refused(
                f"`{word.text}` cannot be used here: a query only reads", 'a column of that name is "quoted"'
            )
        if word.name in others and following == ".":
            hint = f"{REMEDY}; an alias needs a name that is not a schema's"
            raise _refused(f"schema `{word.name}` is not published", hint)
        if following == "(" and not _may_precede_parenthesis(words, index):
            hint = nearest(word.name, FUNCTIONS) or "an alias with a list of columns is written `as name(…)`"
            raise _refused(f"the function `{word.name}` is not among those for queries", hint)


def _after_dot(words: Sequence[Word], index: int) -> bool:
    return index > 0 and words[index - 1].text == "."


def _may_precede_parenthesis(words: Sequence[Word], index: int) -> bool:
    word = words[index]
    if word.name in FUNCTIONS:
        return not (_after_dot(words, index) and words[index - 2].name == SERVING_SCHEMA)
    if not word.quoted and word.name in KEYWORDS:
        return True
    before = words[index - 1].text.lower() if index > 0 else ""
    return before == "as" or _names_columns_of_cte(words, index)


def _names_columns_of_cte(words: Sequence[Word], index: int) -> bool:
    """Whether a name with a list in parentheses is a CTE's: `with NAME (a, b) as (select …`.

    A function with a list of column definitions, `from NAME(…) as (a int)`, is not followed by a query.
    """
    if index == 0 or words[index - 1].text.lower() not in {"with", "recursive", ","}:
        return False
    position = index + 1
    while position < len(words) and words[position].text != ")":
        position += 1
    rest = [word.text.lower() for word in words[position + 1 : position + 6]]
    rest = [text for text in rest if text not in {"not", "materialized"}]
    return rest[:2] == ["as", "("] and (rest[2:3] in (["select"], ["with"], ["from"]) or rest[2:4] == ["values", "("])


def _check_tree(text: str, dialect: str, published: Published) -> None:
    tree = _parsed(text, dialect)
    from sqlglot import exp

    if not isinstance(tree, exp.Query | exp.Values):
        raise _refused("the statement is not a query")
    refused = (exp.DML, exp.DDL, exp.Command, exp.Into, exp.Lock, exp.Placeholder, exp.Parameter, exp.SessionParameter)
    ctes = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    for node in tree.walk():
        if isinstance(node, refused) and not isinstance(node, exp.Query | exp.Values):
            raise _refused(f"`{node.key}` cannot be used here: a query only reads")
        if isinstance(node, exp.Table):
            _check_table(node, dialect, published, ctes)


def _parsed(text: str, dialect: str) -> exp.Expr:
    import sqlglot
    from sqlglot.errors import ErrorLevel, SqlglotError

    try:
        (tree,) = sqlglot.parse(text, dialect=dialect, error_level=ErrorLevel.IMMEDIATE)
    except SqlglotError as error:
        reason = str(error).split("\n", 1)[0].replace("\x1b[4m", "").replace("\x1b[0m", "")
        raise _refused(f"the query cannot be read: {reason}") from error
    except ValueError as error:
        raise _refused("there is more than one statement") from error
    except RecursionError as error:
        raise _refused("the query is nested too deeply") from error
    if tree is None:
        raise _refused("there is no query")
    return tree


def _check_table(table: exp.Table, dialect: str, published: Published, ctes: Collection[str]) -> None:
    from sqlglot import exp

    shown = ".".join(part.name for part in table.parts if isinstance(part, exp.Identifier))
    if not isinstance(table.this, exp.Identifier):  # a function or a list of them: `_check_words` has seen its name
        if table.db or table.catalog:
            raise _refused(f"`{shown}` is not a published table")
        return
    if not table.db and not table.catalog and table.name.lower() in ctes:
        return
    fold = _exact if dialect == "postgres" else _any_case
    if fold(table.args.get("catalog")) not in {"", published.catalog} and table.catalog != published.catalog:
        raise _refused(f"`{shown}` is not a published table")
    if fold(table.args.get("db")) not in {"", SERVING_SCHEMA}:
        raise _refused(f"`{shown}` is not a published table")
    if fold(table.this) not in (published.tables if dialect == "postgres" else map(str.lower, published.tables)):
        raise _refused(f"there is no published table `{table.name}`", nearest(table.name, published.tables) or REMEDY)


def _exact(identifier: exp.Identifier | None) -> str:
    """The name that Postgres looks for: a quoted identifier keeps its case."""
    if identifier is None:
        return ""
    return identifier.name if identifier.args.get("quoted") else identifier.name.lower()


def _any_case(identifier: exp.Identifier | None) -> str:
    """The name that DuckDB looks for, which has no case."""
    return "" if identifier is None else identifier.name.lower()


def _refused(message: str, hint: str = "") -> UserError:
    return UserError.of("query-not-allowed", message, hint or REMEDY)
