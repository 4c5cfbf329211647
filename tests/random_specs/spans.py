"""Random windows, lengths of time and bounds."""

from __future__ import annotations

from orchestration.language.windows import PERIODS
from tests.random_specs import expressions, values
from tests.random_specs.tape import Tape
from tests.random_specs.vocabulary import WINDOWS, window_keys
from tests.random_specs.writer import Names, Spans, Writer
from tests.random_specs.yaml_writer import Yaml, plain

AMOUNTS = {
    "minutes": (1, 90, 720), "hours": (1, 12, 36), "days": (1, 7, 14, 28, 45), "weeks": (1, 2, 6), "months": (1, 2, 3),
    "quarters": (1, 2), "years": (1, 2),
}  # fmt: skip
CLOCK = ("minutes", "hours")
END = "2026-05-01"
POINTS = ("2026-01-15", "2026-03-01", "2025-11-01", "2026-02-28")
TIMES = ("2026-03-29T02:30:00", "2025-10-26T02:30:00", "2026-02-01T12:00:00")
GROWING = (
    ("1 day", "7 days"),
    ("7 days", "28 days"),
    ("36 hours", "14 days"),
    ("28 days", "1 quarter"),
    ("2 weeks", "45 days"),
    ("1 month", "1 year"),
)
BOUNDS = ("at_least", "at_most", "more_than", "less_than", "exactly", "between")


def random_spans(tape: Tape) -> Spans:
    """The lengths, periods and points of a project."""
    lengths = {unit: [_length(tape.pick(amounts), unit) for _ in range(2)] for unit, amounts in AMOUNTS.items()}
    return Spans(
        lengths,
        tape.pick(GROWING),
        [f"{tape.between(2, 4)} {unit}s" for unit in ("week", tape.pick(PERIODS), "hour")],
        tape.some(PERIODS, 2, 2),
        [*tape.some(POINTS, 2, 2), tape.pick(TIMES)],
        tape.some(values.DATES, 3, 3),
        tape.some(values.TIMESTAMPS, 3, 3),
    )


def _length(amount: int, unit: str) -> str:
    return f"{amount} {unit.removesuffix('s') if amount == 1 else unit}"


def length(w: Writer, *, days_only: bool = False) -> str:
    """A length of time."""
    units = [
        unit
        for unit in ("days", "weeks", "months", "quarters", "years", "hours", "minutes")
        if not (days_only and unit in CLOCK)
    ]
    return w.tape.pick(w.spans.lengths[w.choose("unit", units)])


def _point(w: Writer, days_only: bool) -> Yaml:
    return plain(w.tape.pick(w.spans.points[:2] if days_only else w.spans.points))


def window(w: Writer, entity: str, *, ahead: bool = False, days_only: bool = False) -> Yaml:
    """A window; `ahead` allows those that begin at as_of, `days_only` excludes hours and minutes."""
    forms = [name for name, keys in WINDOWS.items() if window_keys().issuperset(keys) and (ahead or name != "next")]
    if not _anchors(w, entity).all:
        forms = [name for name in forms if "after" not in WINDOWS[name]]
    form = w.choose("window", ["length", "ever", *forms])
    match form:
        case "length":
            return length(w, days_only=days_only)
        case "ever":
            return "ever"
        case "last":
            return {"last": length(w, days_only=days_only)}
        case "last+ending":
            return {"last": length(w, days_only=days_only), "ending": f"{length(w, days_only=days_only)} ago"}
        case "from+to":
            return _from_to(w, days_only)
        case "since":
            return {"since": _point(w, days_only)}
        case "this" | "previous":
            return {form: w.tape.pick(w.spans.periods)}
        case "next":
            return {"next": length(w, days_only=days_only)}
    found: dict[str, Yaml] = {"first": length(w, days_only=days_only), "after": _anchor(w, entity)}
    return found | ({"complete": plain("true")} if form.endswith("complete") else {})


def _from_to(w: Writer, days_only: bool) -> Yaml:
    points = sorted({str(_point(w, days_only)), str(_point(w, days_only)), END})
    return {"from": plain(points[0]), "to": plain(points[1])}


def _anchors(w: Writer, entity: str) -> Names:
    names = w.names(entity)
    return Names(tuple(name for name in names.all if name.kind in ("date", "timestamp")))


def _anchor(w: Writer, entity: str) -> str:
    names = _anchors(w, entity)
    return expressions.leaf(w, names, w.tape.pick(names.all).kind)


def bounds(w: Writer, numbers: tuple[str, ...]) -> Yaml:
    """Bounds on a number."""
    bound = w.choose("bounds", ["at_least", "number", *BOUNDS[1:]])
    if bound == "number":
        return plain(w.tape.pick(numbers))
    if bound == "between":
        low, high = sorted((w.tape.pick(numbers), w.tape.pick(numbers)), key=float)
        return {"between": [plain(low), plain(high)]}
    return {bound: plain(w.tape.pick(numbers))}


COUNTS = ("1", "2", "0", "3", "1.5")
AMOUNTS_OF_MONEY = ("1", "0", "10", "2.5", "0.333333333", "-1", "100", "7")
SHARES = ("0.5", "0", "1", "0.333333333", "0.25")
