"""The reference evaluator of the segment language: naive, in Python, from the meaning alone. It shares no code with the
compiler and knows no SQL; where the two disagree, the page of the language decides, and this package is its judge.

`evaluate(spec, given, as_of)` gives the members of every segment: a set of keys (as text) for a plain segment, a set
per tier for a tiered one or a split. `entered_at` gives since when each member is one, `traits` the value of every
trait for every entity that exists, `truths` the truth (True, False, None) of a plain segment's `where` for each entity.
`check_tests` runs the `tests:` of specs and returns what is not as expected.

All of them take
- `spec`: YAML text, a mapping, or a list of such: the project's files;
- `given`: rows by entity, stream or model, as in a test's `given:`: YAML text, a mapping of what `load` returns, or
  plain Python values (a `str` is quoted text, None is null, a time without a zone is UTC);
- `as_of`: text (a date or a wall time in the project's zone, or with `Z`), a date, or a datetime (naive: UTC);
- `previously`: per segment `[u1, u2]` (the members at the grid instant before), a mapping by tier, or
  `[{as_of: …, members: …}, …]`;
- `columns`: the types of models, by the name of the entity, stream or model: `{"dim_users": {"user_id": "text"}}`.

A spec or a fixture without meaning raises `SpecError`; the messages are not those of the compiler.

Readings: where the page is silent or can be read in two ways, this is what it is taken to mean.

- See the list at the end of this docstring.
"""

from __future__ import annotations

from tests.reference.evaluation import check_tests, entered_at, evaluate, traits, truths
from tests.reference.yaml_text import Scalar, SpecError, load

__all__ = ["Scalar", "SpecError", "check_tests", "entered_at", "evaluate", "load", "traits", "truths"]
