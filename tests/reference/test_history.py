"""The evaluator on history: stays, entering and leaving, held conditions, hysteresis. Worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time

from tests.reference import entered_at, evaluate
from tests.reference.acme import AS_OF, BERLIN, COMPANY, Rows, segments, usage, users, who
from tests.reference.evaluation import Result

HAPPY = "- {name: happy, entity: user, where: age >= 9}"
TIERS = "- {name: tier, entity: user, tiers: [{name: high, where: age >= 9}, {name: low, where: age < 9}]}"


def aged(**ages: int) -> Rows:
    return {"user": [{"user_id": key, "age": age} for key, age in ages.items()]}


def since(listed: str, given: Rows, previously: Mapping[str, object] | None = None, more: str = "{}") -> dict[str, str]:
    """Since when (month and day) each member of the first segment listed is one."""
    found = entered_at([COMPANY, more, f"segments:\n  {listed}"], given, AS_OF, previously=previously)
    return {key: f"{at:%m-%d}" if at.time() == time() else f"{at}" for key, at in found.popitem()[1].items()}


def test_at_a_first_run_all_enter_at_as_of() -> None:
    assert since(HAPPY, aged(u=9, v=1)) == {"u": "03-01"}


def test_who_stays_keeps_entered_at() -> None:
    previously = {"happy": ["u", "w"]}
    assert since(HAPPY, aged(u=9, v=9, w=1), previously) == {"u": "02-28", "v": "03-01"}


def test_the_latest_recorded_instant_counts_and_a_broken_stay_begins_anew() -> None:
    previously = {
        "happy": [
            {"as_of": "2026-01-31", "members": ["u", "v", "w"]},
            {"as_of": "2026-02-15", "members": ["u", "w"]},
            {"as_of": "2026-02-28", "members": ["u", "v"]},
            {"as_of": "2026-03-01", "members": ["x"]},  # a run at as_of is repeated, not continued
        ]
    }
    found = since(HAPPY, aged(u=9, v=9, w=9, x=9), previously)
    assert found == {"u": "01-31", "v": "02-28", "w": "03-01", "x": "03-01"}


def test_a_stay_is_one_in_the_present_tier() -> None:
    previously = {"tier": {"high": ["u"], "low": ["v"]}}
    assert since(TIERS, aged(u=9, v=9, w=1), previously) == {"u": "02-28", "v": "03-01", "w": "03-01"}


def test_the_grid_instant_before() -> None:
    hourly = "project: {as_of: hour}"
    assert since(HAPPY, aged(u=9), {"happy": ["u"]}, hourly) == {"u": "2026-02-28 23:00:00"}
    assert since(HAPPY, aged(u=9), {"happy": ["u"]}, BERLIN) == {"u": "2026-02-27 23:00:00"}
    weekly = HAPPY.replace("where", "refresh: weekly, where")
    assert since(weekly, aged(u=9), {"happy": ["u"]}) == {"u": "02-23"}
    cron = HAPPY.replace("where", "refresh: {cron: '30 6 1,15 * *'}, where")
    assert since(cron, aged(u=9), {"happy": ["u"]}) == {"u": "2026-02-15 06:30:00"}


RECORD = {
    "happy": [
        {"as_of": "2026-02-10", "members": ["initial", "left", "back"]},
        {"as_of": "2026-02-22", "members": ["initial", "left", "early"]},
        {"as_of": "2026-02-23", "members": ["initial", "early", "back"]},
    ]
}
NOW = aged(initial=9, left=1, early=9, back=9, new=9, never=1)


def changed(form: str, segment: str = "happy") -> Result:
    listed = f"{HAPPY}\n- {{name: asked, entity: user, where: [{{{form}: {segment}, within: 7 days}}]}}"
    return segments(listed, NOW, previously=RECORD)["asked"]


def test_windows_over_membership_hold_as_of_and_not_their_start() -> None:
    # (22 February, 1 March]: early entered on the 22nd, back on the 23rd, new enters now
    assert changed("entered") == {"back", "new"}
    assert changed("left") == {"left"}
    assert changed("was_in") == {"initial", "early", "back", "new"}


def test_initial_members_have_not_entered() -> None:
    listed = f"{HAPPY}\n- {{name: asked, entity: user, where: [{{entered: happy}}]}}"
    assert segments(listed, aged(u=9))["asked"] == set()
    assert segments(listed, NOW, previously=RECORD)["asked"] == {"early", "back", "new"}


def test_a_tier_is_entered_from_another() -> None:
    listed = f"""
{TIERS}
- {{name: risen, entity: user, where: [{{entered: tier.high, within: 7 days}}]}}
- {{name: joined, entity: user, where: [{{entered: tier, within: 7 days}}]}}
"""
    found = segments(listed, aged(u=9, v=9, w=9), previously={"tier": {"high": ["u"], "low": ["v"]}})
    assert (found["risen"], found["joined"]) == ({"v", "w"}, {"w"})


def test_of_what_it_belongs_to() -> None:
    listed = """
        - {name: paying, entity: account, where: arr > 0}
        - {name: asked, entity: user, where: [{entered: paying, within: 7 days}]}
        """
    given = {"account": [{"account_id": 1, "arr": 1}], "user": [{"user_id": "u", "account_id": 1}, {"user_id": "v"}]}
    assert segments(listed, given, previously={"paying": []})["asked"] == {"u"}


def test_held_needs_every_grid_instant() -> None:
    spec = [COMPANY, "segments: [{name: s, entity: user, where: [{held: {where: age >= 9, for: 3 days}}]}]"]
    record = {
        "held: age >= 9": [
            {"as_of": "2026-02-27", "members": ["u", "v"]},
            {"as_of": "2026-02-28", "members": ["u", "w"]},
        ]
    }
    given = aged(u=9, v=9, w=9, x=1)
    assert evaluate(spec, given, AS_OF, previously=record) == {"s": {"u"}}
    shorter = {"held: age >= 9": record["held: age >= 9"][1:]}
    assert evaluate(spec, given, AS_OF, previously=shorter) == {"s": set()}
    negated = [COMPANY, "segments: [{name: s, entity: user, where: [{not: {held: {where: age >= 9, for: 3 days}}}]}]"]
    assert evaluate(negated, given, AS_OF, previously=record) == {"s": {"v", "w", "x"}}
    assert evaluate(negated, given, AS_OF, previously=shorter) == {"s": {"v", "x"}}


def stays(rules: str, *members: str, rows: list[dict[str, object]], as_of: str = AS_OF, recorded: str = "") -> Result:
    """A segment of those who did something in the last two days, with such rules for staying."""
    listed = f"- {{name: s, entity: user, where: [{{did: usage, within: 2 days}}], {rules}}}"
    previously = {"s": [{"as_of": recorded, "members": list(members)}]} if recorded else None
    given = {"user": users("u", "v"), "usage": rows}
    return segments(listed, given, as_of, previously=previously)["s"]


def test_stay_while_keeps_in_but_lets_nobody_in() -> None:
    rule = "stay_while: [{did: usage, within: 10 days}]"
    rows = usage("u", "2026-02-20") + usage("v", "2026-02-20")
    assert stays(rule, "u", rows=rows, recorded="2026-02-28") == {"u"}
    assert stays(rule, rows=rows) == set()
    assert stays(rule, "u", rows=rows[1:], recorded="2026-02-28") == set()


def test_min_stay_keeps_in() -> None:
    assert stays("min_stay: 7 days", "u", rows=[], recorded="2026-02-23") == {"u"}
    assert stays("min_stay: 7 days", "u", rows=[], recorded="2026-02-22") == set()


def test_missed_instants_are_evaluated() -> None:
    rule = "stay_while: [{did: usage, within: 10 days}]"
    # without a run since 10 February: u enters on the 16th and stays for its row of the 20th, which lets nobody in now
    rows = usage("u", "2026-02-15T12:00", "2026-02-20T12:00")
    assert stays(rule, rows=rows, recorded="2026-02-10") == {"u"}
    assert stays(rule, rows=rows) == set()


def test_max_stay_puts_out_until_where_has_been_untrue() -> None:
    daily = [row for day in range(18, 29) for row in usage("u", f"2026-02-{day}T12:00")]
    # in since 20 February; out on the 25th, and out for as long as where stays true
    assert stays("max_stay: 5 days", "u", rows=daily, as_of="2026-02-24", recorded="2026-02-20") == {"u"}
    assert stays("max_stay: 5 days", "u", rows=daily, as_of="2026-02-25", recorded="2026-02-20") == set()
    assert stays("max_stay: 5 days", "u", rows=daily, recorded="2026-02-20") == set()
    # with nothing from the 22nd to the 26th, where is untrue on the 25th and 26th; the row of the 27th lets in again
    paused = [row for row in daily if not 22 <= int(str(row["at"])[8:10]) <= 26]
    rules = "max_stay: 5 days, min_stay: 5 days"
    assert stays(rules, "u", rows=paused, recorded="2026-02-20") == {"u"}
    assert stays(rules, "u", rows=paused, as_of="2026-02-27", recorded="2026-02-20") == set()


def test_the_record_tells_who_was_put_out() -> None:
    daily = [row for day in range(18, 29) for row in usage("u", f"2026-02-{day}T12:00")]
    listed = "- {name: s, entity: user, where: [{did: usage, within: 2 days}], max_stay: 5 days}"
    given = {"user": users("u"), "usage": daily}
    record = [{"as_of": "2026-02-20", "members": ["u"]}, {"as_of": "2026-02-25", "members": []}]
    assert segments(listed, given, previously={"s": record})["s"] == set()
    record = [{"as_of": "2026-02-22", "members": ["u"]}, {"as_of": "2026-02-25", "members": []}]
    assert segments(listed, given, "2026-02-26", previously={"s": record})["s"] == {"u"}


def test_stays_of_hysteresis_begin_at_missed_instants() -> None:
    listed = "- {name: s, entity: user, where: [{did: usage, within: 2 days}], min_stay: 30 days}"
    given = {"user": users("u"), "usage": usage("u", "2026-02-15T12:00")}
    assert since(listed, given, {"s": [{"as_of": "2026-02-10", "members": []}]}) == {"u": "02-16"}


def test_who_does_not_exist_does_not_stay() -> None:
    given = {"user": [{"user_id": "u", "deleted_at": "2026-02-28T12:00"}]}
    listed = "- {name: s, entity: user, where: [age > 3], min_stay: 30 days}"
    assert segments(listed, given, previously={"s": ["u"]})["s"] == set()
    assert who("- true", given, "2026-02-28") == {"u"}
