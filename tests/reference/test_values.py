"""The evaluator on values: numbers, text, lists, dates in predicates, aggregates, ties. Worked out by hand."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction

import pytest

from tests.reference import SpecError
from tests.reference.acme import BERLIN, trait, usage, users, value, who
from tests.reference.values import Value


def decimal(written: str) -> Fraction:
    return Fraction(written)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("7 / 2", "3.5"),
        ("2 / 3", "0.666666667"),
        ("-2 / 3", "-0.666666667"),
        ("1 / 3 * 3", "0.999999999"),
        ("7 % 3", "1"),
        ("-7 % 3", "-1"),
        ("7.5 % -2", "1.5"),
        ("0.1 + 0.2", "0.3"),
        ("0.000000001 * 0.5", "0.000000001"),  # ten places, rounded half away from zero as it becomes a trait
        ("-0.000000001 * 0.5", "-0.000000001"),
        ("0.000000001 * 0.5 * 2", "0.000000001"),  # exact in between
        ("1 + 2 * 3 - -4", "11"),
        ("2 - 3 - 4", "-5"),
        ("round(2.5)", "3"),
        ("round(-2.5)", "-3"),
        ("round(1.005, 2)", "1.01"),
        ("floor(-1.5)", "-2"),
        ("ceil(-1.5)", "-1"),
        ("abs(-1.5)", "1.5"),
        ("least(3, null, 2.5)", "2.5"),
        ("greatest(3, null, 2.5)", "3"),
        ("case when 1 = 2 then 5 when null then 6 else 7 end", "7"),
        ("case 2 when 1 then 5 when 2 then 6 end", "6"),
        ("coalesce(null, 3)", "3"),
        ("nullif(3, 4)", "3"),
        ("9223372036854775807 + 0.999999999", "9223372036854775807.999999999"),
        ("-9223372036854775808 - 0.5", "-9223372036854775808.5"),
        ("cast('-12' as integer)", "-12"),
        ("cast(' 1.25 ' as decimal(9,1))", "1.3"),
        ("cast(2.5 as integer)", "3"),
        ("cast(1 = 1 as integer)", "1"),
    ],
)
def test_numbers(expression: str, expected: str) -> None:
    assert value(expression) == decimal(expected)


@pytest.mark.parametrize(
    "expression",
    [
        "1 / 0",
        "1 % 0",
        "null + 1",
        "9223372036854775807 + 1",
        "-9223372036854775808 - 1",
        "4611686018427387904 * 2 - 9",
        "nullif(3, 3.0)",
        "cast('1.5' as integer)",
        "cast('1e3' as decimal)",
        "cast('x' as float)",
        "cast('2026-02-30' as date)",
        "cast('yes' as boolean)",
        "cast(1234 as decimal(5,2))",
        "least(null, null)",
    ],
)
def test_what_cannot_be_is_null(expression: str) -> None:
    assert value(expression) is None


def test_decimals_are_rounded_on_reading() -> None:
    assert value("amount", amount="0.1234567895") == decimal("0.123456790")
    assert value("amount", amount="-0.0000000005") == decimal("-0.000000001")
    assert value("amount", amount="9223372036854775808") is None


def test_a_float_compares_as_the_double_it_is() -> None:
    assert value("double = 0.1", double="0.1") is True
    assert value("double = 0.3", double="0.30000000000000004") is False
    assert value("double > 1000", double="1e300") is True
    assert value("double in (1, 0.1)", double="0.1") is True


def test_a_float_in_arithmetic_is_millionths() -> None:
    assert value("double + 0", double="0.1") == decimal("0.1")
    assert value("double * 2", double="0.0000015") == decimal("0.000004")
    assert value("double * 2", double="-0.0000015") == decimal("-0.000004")
    assert value("double + 0 = 0.3", double="0.30000000000000004") is True
    assert value("double + 0", double="1e13") is None
    assert value("abs(double)", double="-2.9999999") == 3
    assert value("floor(double)", double="2.9999999") == 3


@pytest.mark.parametrize("written", [".nan", ".inf", "-.inf"])
def test_nan_and_infinity_are_null(written: str) -> None:
    given = f"user: [{{user_id: u, double: {written}}}, {{user_id: v, double: 1}}]"
    assert who("- double is null", given) == {"u"}


def test_beside_a_float_numbers_are_doubles() -> None:
    # as a double the decimal 0.1234567 is taken as 123457 millionths, as a decimal it stays itself
    assert value("coalesce(double, 0.1234567) * 1", double=None) == decimal("0.123457")
    assert value("coalesce(amount, 0.1234567) * 1", amount=None) == decimal("0.1234567")


def test_a_decimal_as_text_has_the_places_of_its_type() -> None:
    assert value("cast(1.50 as text)") == "1.50"
    assert value("cast(1 / 2 as text)") == "0.500000000"
    assert value("cast(1.5 * 1.5 - 3 as text)") == "-0.75"
    assert value("cast(7 as text)") == "7"


def test_comparing_a_number_with_a_text_is_an_error() -> None:
    for expression in ("age = 'x'", "name < 3", "today = as_of"):
        with pytest.raises(SpecError, match="cannot be compared"):
            value(expression, age=1, name="x")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("null = null", None),
        ("1 in (2, null)", None),
        ("1 in (1, null)", True),
        ("1 not in (2, null)", None),
        ("2 between 1 and null", None),
        ("2 between 3 and null", False),
        ("2 not between 3 and 4", True),
        ("null is null", True),
        ("(1 = null) is null", True),
        ("(1 = null) is not true", True),
        ("(1 = 2) is false", True),
        ("not 1 = 2 and 3 = 3", True),
        ("1 = 2 or 1 = 1 and 2 = 2", True),
        ("'a' < 'b' and 'B' < 'a' and 'z' < 'ä'", True),
        ("'a' = 'A'", False),
        ("'it''s' = concat('it', '''', 's')", True),
    ],
)
def test_predicates(expression: str, expected: Value) -> None:
    assert value(expression) is expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("lower('ÄΣΑΣß')", "äσασß"),
        ("upper('straße σς ǆ')", "STRAßE ΣΣ Ǆ"),
        ("trim('  a b ')", "a b"),
        ("length('a😀')", 2),
        ("starts_with('abc', 'ab')", True),
        ("ends_with('abc', 'bc')", True),
        ("contains('a%c', '%')", True),
        ("'abc' like 'a%'", True),
        ("'abc' like 'a'", False),
        ("'a%' like 'a\\%'", True),
        ("'ab' like 'a\\%'", False),
        ("'ab' not like 'b_'", True),
        ("'ÄB' ilike 'äb'", True),
        ("null like 'a'", None),
        ("matches('xab1', 'a.\\d$')", True),
        ("matches('ab', '^b')", False),
        ("matches('a\nb', 'a.b')", False),
        ("matches('a\nb', '^b')", False),
        ("matches('٣', '\\d')", False),
        ("matches('aab', 'a{2}(b|c)+')", True),
        ("equals_ci('Ä', 'ä')", True),
        ("in_ci('B', 'a', 'b')", True),
        ("in_ci('c', 'a', null)", None),
        ("concat('a', null)", None),
    ],
)
def test_text(expression: str, expected: Value) -> None:
    assert value(expression) == expected


def test_patterns_outside_the_subset_are_errors() -> None:
    for pattern in ("a+?", "(a)\\1", "(?i)a", "\\ba", "(?=a)", "a**"):
        with pytest.raises(SpecError, match="outside the patterns"):
            value(f"matches('a', '{pattern}')")


def test_lists() -> None:
    tags: list[Value] = ["a", "b", None]
    assert value("array_contains(tags, 'a')", tags=tags) is True
    assert value("array_contains(tags, 'x')", tags=tags) is False
    assert value("array_contains(tags, null)", tags=tags) is None
    assert value("array_any(tags, 'x', 'b')", tags=tags) is True
    assert value("array_all(tags, 'a', 'b')", tags=tags) is True
    assert value("array_all(tags, 'a', 'x')", tags=tags) is False
    assert value("array_length(tags)", tags=tags) == 2
    assert value("array_contains(tags, 'a')", tags=[]) is False
    assert value("array_length(tags)", tags=[]) == 0
    assert value("array_length(tags)", tags=None) is None
    assert value("array_any(tags, 'a')", tags=None) is None


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("date '2026-03-31' - interval '1 month'", date(2026, 2, 28)),
        ("date '2024-02-29' + interval '1 year'", date(2025, 2, 28)),
        ("date '2026-01-31' + interval '1 quarter'", date(2026, 4, 30)),
        ("date '2026-01-01' - interval '2 weeks'", date(2025, 12, 18)),
        ("date '2026-03-01' - date '2026-02-27'", 2),
        ("today", date(2026, 3, 1)),
        ("as_of", datetime(2026, 3, 1)),
        ("timestamp '2026-03-01 01:30' + interval '90 minutes'", datetime(2026, 3, 1, 3)),
        ("date_trunc('month', today)", date(2026, 3, 1)),
        ("date_trunc('week', today)", date(2026, 2, 23)),
        ("date_trunc('quarter', date '2026-06-30')", date(2026, 4, 1)),
        ("date_diff('month', date '2026-01-31', date '2026-02-01')", 1),
        ("date_diff('week', date '2026-02-28', date '2026-03-02')", 1),
        ("date_diff('day', date '2026-03-01', date '2026-02-01')", -28),
        ("date_diff(hour, timestamp '2026-03-01 01:59', timestamp '2026-03-01 02:01')", 1),
        ("extract(year from today)", 2026),
        ("extract(quarter from today)", 1),
        ("extract(dow from today)", 7),
        ("extract(week from date '2026-01-01')", 1),
        ("extract(doy from today)", 60),
        ("age(date '2000-03-01')", 26),
        ("age(date '2000-03-02')", 25),
        ("age(date '2004-02-29')", 22),
        ("cast('2026-03-01' as date)", date(2026, 3, 1)),
        ("date '9999-12-31' + interval '1 day'", None),
    ],
)
def test_dates(expression: str, expected: Value) -> None:
    assert value(expression) == expected


def test_29_february_is_a_year_older_on_the_28th() -> None:
    assert value("age(date '2004-02-29')", "2026-02-27") == 21
    assert value("age(date '2004-02-29')", "2026-02-28") == 22
    assert value("age(date '2004-02-29')", "2024-02-28") == 19


def test_hours_on_a_date_are_an_error() -> None:
    with pytest.raises(SpecError, match="no hours"):
        value("today + interval '1 hour'")


def test_timestamps_are_read_by_the_wall_time_of_the_zone() -> None:
    seen = "2026-01-31 23:30"  # 1 February, 00:30 in Berlin
    assert value("cast(seen_at as date)", more=BERLIN, seen_at=seen) == date(2026, 2, 1)
    assert value("extract(month from seen_at)", more=BERLIN, seen_at=seen) == 2
    assert value("date_trunc('month', seen_at)", more=BERLIN, seen_at=seen) == datetime(2026, 1, 31, 23)
    assert value("cast(date '2026-07-01' as timestamp)", more=BERLIN) == datetime(2026, 6, 30, 22)
    assert value("timestamp '2026-07-01 12:00'", more=BERLIN) == datetime(2026, 7, 1, 10)


def amounts(*numbers: object) -> dict[str, object]:
    rows = [row for n, number in enumerate(numbers) for row in usage("u", f"2026-02-{n + 1:02}", amount=number)]
    return {"user": users("u"), "usage": rows}


@pytest.mark.parametrize(
    ("aggregate", "numbers", "expected"),
    [
        ("count", [1, None, 2], "3"),
        ("count(amount)", [1, None, 2], "2"),
        ("count_distinct(amount)", [1, None, 2, 1], "2"),
        ("sum(amount)", [1, None, 2], "3"),
        ("avg(amount)", [1, 1, None, 2], "1.333333333"),
        ("avg(amount)", [-1, -2, -2], "-1.666666667"),
        ("min(amount)", [3, None, 2], "2"),
        ("max(amount)", [3, None, 2], "3"),
        ("first(amount)", [None, 5, 2], "5"),
        ("last(amount)", [3, 5, None], "5"),
        ("median(amount)", [9, 1, 2], "2"),
        ("median(amount)", [9, 1, 2, 4], "3"),
        ("median(amount / 3)", [1, 2], "0.5"),
        ("most_frequent(amount)", [3, 3, 2, 2, 9], "2"),
        ("least_frequent(amount)", [3, 2, 2, 9], "3"),
        ("stddev(amount)", [2, 4, 4, 4, 5, 5, 7, 9], "2.1381"),  # the root of 32 / 7
        ("stddev(amount)", [0, 0.0001], "0.0001"),  # 0.0000707 rounded
        ("sum(amount * amount)", [0.5, 1.5], "2.5"),
    ],
)
def test_aggregates(aggregate: str, numbers: list[object], expected: str) -> None:
    assert trait(f"from: usage, aggregate: '{aggregate}'", amounts(*numbers)) == {"u": decimal(expected)}


@pytest.mark.parametrize("aggregate", ["count", "days", "sum(amount)", "count_distinct(amount)"])
def test_of_nothing_these_are_0(aggregate: str) -> None:
    assert trait(f"from: usage, aggregate: '{aggregate}'", amounts()) == {"u": 0}


@pytest.mark.parametrize(
    "aggregate", ["avg", "min", "max", "first", "last", "median", "stddev", "most_frequent", "least_frequent", "list"]
)
def test_of_nothing_every_other_aggregate_is_null(aggregate: str) -> None:
    assert trait(f"from: usage, aggregate: '{aggregate}(amount)'", amounts()) == {"u": None}
    assert trait(f"from: usage, aggregate: '{aggregate}(amount)'", amounts(None)) == {"u": None}


def test_a_sum_beyond_64_bits_is_null_whatever_the_order() -> None:
    large = 9 * 10**13  # a decimal(18,4)
    more = "traits: [{name: n, entity: user, from: usage, aggregate: sum(amount * 100000)}]"
    assert value("n", more=more) == 0
    assert trait("from: usage, aggregate: sum(amount * 100000)", amounts(large, large)) == {"u": None}
    assert trait("from: usage, aggregate: sum(amount * 100000)", amounts(large, large, -large)) == {"u": large * 10**5}


def test_stddev_of_one_value_is_null() -> None:
    assert trait("from: usage, aggregate: stddev(amount)", amounts(5)) == {"u": None}


def test_stddev_is_null_where_squared_deviations_reach_10_to_the_25() -> None:
    near, far = 4 * 10**12, 5 * 10**12  # of 0 and x they add up to x² / 2: 8 and 12.5 × 10^24
    root = Fraction("2828427124746.1901")
    assert trait("from: usage, aggregate: stddev(amount)", amounts(0, near)) == {"u": root}
    assert trait("from: usage, aggregate: stddev(amount)", amounts(0, far)) == {"u": None}


def test_floats_in_aggregates_are_millionths_but_in_min_and_max() -> None:
    rows = [r for x in ("0.1", "0.1000004", "0.2") for r in usage("u", "2026-02-01", double=x)]
    given = {"user": users("u"), "usage": rows}

    def of(aggregate: str) -> Value:
        found = trait(f"from: usage, aggregate: {aggregate}(double)", given)["u"]
        assert found is None or isinstance(found, int | Fraction | float | tuple)
        return found

    assert of("sum") == decimal("0.4")
    assert of("avg") == decimal("0.133333333")
    assert of("max") == 0.2
    assert of("count_distinct") == 2
    assert of("list") == (decimal("0.1"), decimal("0.2"))
    assert of("most_frequent") == decimal("0.1")
    assert of("median") == decimal("0.1")


def test_days_are_calendar_days_of_the_zone() -> None:
    rows = usage("u", "2026-02-01T22:59", "2026-02-01T23:01", "2026-02-02T10:00")
    given = {"user": users("u"), "usage": rows}
    assert trait("from: usage, aggregate: days", given) == {"u": 2}
    assert trait("from: usage, aggregate: days", given, more=BERLIN) == {"u": 2}
    assert trait("from: usage, aggregate: days", {**given, "usage": rows[1:]}) == {"u": 2}
    assert trait("from: usage, aggregate: days", {**given, "usage": rows[1:]}, more=BERLIN) == {"u": 1}


def test_first_and_last_at_equal_times_take_the_smallest() -> None:
    rows = [r for name in ("b", "a", "c") for r in usage("u", "2026-02-01", format=name)]
    given = {"user": users("u"), "usage": rows}
    assert trait("from: usage, aggregate: first(format)", given) == {"u": "a"}
    assert trait("from: usage, aggregate: last(format)", given) == {"u": "a"}
    assert trait("from: usage, aggregate: list(format)", given) == {"u": ("a", "b", "c")}
    assert trait("from: usage, aggregate: most_frequent(format)", given) == {"u": "a"}
    assert trait("from: usage, where: format > 'a', aggregate: min(format)", given) == {"u": "b"}


def population(**ages: int | None) -> dict[str, object]:
    return {"user": [{"user_id": key, "age": age, "name": key[0]} for key, age in ages.items()]}


def test_quantiles_and_ranks() -> None:
    given = population(a=10, b=20, c=20, d=40, e=None)
    assert trait("quantile: {of: age, buckets: 2}", given) == {"a": 1, "b": 1, "c": 1, "d": 2, "e": None}
    assert trait("quantile: {of: age, buckets: 4, order: desc}", given) == {"a": 4, "b": 2, "c": 2, "d": 1, "e": None}
    assert trait("rank: {of: age}", given) == {"a": 1, "b": 2, "c": 2, "d": 4, "e": None}
    assert trait("rank: {of: age, order: desc}", given) == {"a": 4, "b": 2, "c": 2, "d": 1, "e": None}


def test_groups_of_a_population_a_null_being_one() -> None:
    people = (("a", 1, "x"), ("b", 2, "x"), ("c", 3, None), ("d", 5, None))
    rows = [{"user_id": key, "age": age, "name": name} for key, age, name in people]
    given = {"user": [*rows, {"user_id": "gone", "age": 0, "name": "x", "deleted_at": "2026-01-01"}]}
    assert trait("rank: {of: age, per: name}", given) == {"a": 1, "b": 2, "c": 1, "d": 2}
    halves = {"a": Fraction(3, 2), "b": Fraction(3, 2), "c": 4, "d": 4}
    assert trait("percentile: {of: age, at: 0.5, per: name}", given) == halves


def test_percentiles_are_linear_between_ranks_and_the_same_for_all() -> None:
    given = population(a=0, b=10, c=20, n=None)
    assert trait("percentile: {of: age, at: 0.75}", given) == dict.fromkeys("abcn", 15)
    tiny = trait("percentile: {of: age / 1000000000, at: 0.25}", population(a=0, b=2))
    assert tiny == dict.fromkeys("ab", decimal("0.000000001"))  # 0.0000000005, half away from zero
    assert trait("percentile: {of: age, at: 1}", given) == dict.fromkeys("abcn", 20)
    assert trait("percentile: {of: age, at: 0.5}", population(n=None)) == {"n": None}


def test_an_edge_belongs_to_the_upper_band() -> None:
    given = population(a=49, b=50, c=250, d=9999, e=None)
    assert trait("bands: {of: age, at: [50, 250, 1000]}", given) == {"a": 1, "b": 2, "c": 3, "d": 4, "e": None}
