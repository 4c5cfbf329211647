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

Time
- `as_of` of a test and the instants of `previously` and `entered_at` stand in a spec: wall time where no zone is
  written.
- Months, quarters and years are one unit to "steps of one unit are taken at once", so are days and weeks, hours and
  minutes.
- Every window but `{next: …}` and `{from: …, to: …}` ends at as_of: `ever` and `{since: …}` too, also for `date:` and for
  streams with a future.
- A length between rows (`within` and `span` of a sequence, `gap`, `min_stay`, `max_stay`) is stepped forward from the
  earlier.
- `date_diff` of hours and minutes goes by wall time like that of days; `week` follows `week_starts_on`.
- `extract(week …)` is ISO's week whatever the week starts on; `dow` is 1 (Monday) to 7; `second` is whole.
- Of a written time that bounds a date, the first date counts whose midnight is not before it.
- The next yearly return is not before today; the date itself is the first of its returns.
- `age` has one more year on 28 February for who was born on the 29th; of a date after today it is negative.
- A date or timestamp outside the years 1 to 9999 is null.

Numbers
- A decimal column is rounded to the places of its type (nine at most); a literal is what is written.
- The 64 bits hold for each result, not only the last, and for decimals on reading; sums go by their total alone. A
  float is null for it in arithmetic and aggregates only.
- `abs round floor ceil sign` and casts to exact numbers are arithmetic: a float is millionths there. `first last list
  most_frequent least_frequent count_distinct` too take floats as millionths, as every aggregate but `min` and `max`.
- Where a float meets exact numbers in a comparison, `coalesce`, `case`, `least`, `greatest`, they are the nearest
  doubles.
- `least` and `greatest` leave nulls out. `%` has the dividend's sign. `round` takes 0 to 9 places, literally.
- `stddev`: mean and values at six places, everything else exact, the root of the exact quotient rounded; null where the
  squared deviations add up to 10^25 or more.
- A trait has nine places at most: what has more is rounded once as it becomes a trait, not before.
- `share` is rounded to nine places like every `/`. `percentile` is there for who has no value too.
- As text a decimal has exactly the places of its type: `+ - %` have the most of their sides', `*` those of both
  together, `/` nine, float arithmetic six, a literal those it is written with.
- Text to integer: sign and digits; to decimal: a point too; to float: an exponent too. Spaces around are ignored,
  anything else is null. Text to a timestamp is wall time, UTC with `Z`.

Rows and entities
- Of rows that repeat an id the earliest counts, at equal times the smallest by the columns in the order of their
  declaration, nulls first, lists aside. Rows without an id count each. What is after as_of repeats nothing.
- A path passes through rows that are of the entity by its `where`, whether they exist at as_of or not.
- `via:` names an entity on the way (or several); of the ways through it the shortest counts.
- `where` of an entity reads its own columns and those of what it belongs to, not traits.
- `where` over a stream reads its columns and, by their names (`user.country`), those of what it belongs to.

Conditions
- `times` is "at least 1" where it is not written, beside `days`, `total` and the like too: those with no row come in only
  where `times` admits 0. An aggregate without a value meets no bound; the form stays two-valued.
- A window after an unknown date makes every form unknown, and a trait null. `complete: true` likewise, until it is.
- `first_did`, `regularly`, `stopped`, `restarted`, `sequence` are true or false beside that.
- A `did_not` at the beginning or in the middle of a sequence has no `within`. `same` is about the first positive
  step's row. A `did_not` at the end looks until as_of, also where the window ends before.

Segments
- Members by hand and of a model are those that exist. Of several rows of a model the latest `valid_from` before as_of
  counts, at equal ones the smallest tier; a row without a tier is in none.
- `base:` names a segment (or a tier, or a parent's), and goes with every kind; outside it nobody stays, `min_stay` or
  not.
- Shares of a split are of 100; what they leave over is no arm.
- `was_in` is about recorded instants: a member at one of `(as_of - w, as_of]`.
- Missed instants of a segment with hysteresis count as recorded: an entry there is `entered_at`. For `max_stay`, who
  is out of the record at or after the end of the longest stay was put out by it.
- `held` goes by the project's grid; its record is given as `previously` under `held: <text of where>`.
"""

from __future__ import annotations

from tests.reference.evaluation import check_tests, entered_at, evaluate, traits, truths
from tests.reference.yaml_text import Scalar, SpecError, load

__all__ = ["Scalar", "SpecError", "check_tests", "entered_at", "evaluate", "load", "traits", "truths"]
