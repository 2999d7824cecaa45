"""A plain recount of a sample's rows by the words of the rules, to compare with what the sample says it planted.

It reads the typed rows before they become files and shares nothing with the pipeline. Person by person, without tables.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from pipeline.sample.district import District

Row = dict[str, Any]
UNKNOWN = "000000000"
ROLL_COLUMNS = (
    "snapshot_date",
    "township",
    "village_name",
    "household_no",
    "member_no",
    "name",
    "id_text",
    "id_is_number",
    "schooling",
)
EXCLUSIONS = {"省职保", "机关保", "省外职保", "外地居保", "现役军人", "服刑", "出国(境)", "死亡", "迁出"}
SCHOOLINGS = {None, "", "非在校生", "学前教育", "小学", "初中", "普通高中", "中等职业", "高职高专", "本科"}
WITHDRAWN = "withdrawn"
SIMPLIFIED = str.maketrans("東華剛強麗軍張劉陳楊", "东华刚强丽军张刘陈杨")
DOTS_AND_BLANKS = str.maketrans("", "", " ·")


@dataclass
class Count:
    """The recounted figures."""

    mismatches: Counter[str] = field(default_factory=Counter)
    ladder: Counter[tuple[str, int, str | None]] = field(default_factory=Counter)
    dispositions: Counter[tuple[str, str]] = field(default_factory=Counter)
    refunded: Counter[str] = field(default_factory=Counter)
    paid_on_behalf: Counter[str] = field(default_factory=Counter)
    used: Counter[str] = field(default_factory=Counter)
    paid_out: Counter[str] = field(default_factory=Counter)


@dataclass
class Person:
    """One person of the roll as the latest snapshot has him."""

    key: object
    township: str
    household: str
    names: set[str]
    schooling: str | None
    state: str = ""
    reason: str | None = None
    class_word: str | None = None
    changed_on: date | None = None


@cache
def id_problem(id_text: str | None, is_number: bool = False) -> str | None:
    """The kind of mismatch that an ID is, if it is one."""
    text = id_text or ""
    if is_number or "E+" in text:
        return "id_precision_lost"
    is_formed = len(text) == 18 and text[:17].isdigit() and (text[17].isdigit() or text[17] == "X")
    if is_formed:
        weights = [2 ** (17 - place) % 11 for place in range(17)]
        total = sum(int(digit) * weight for digit, weight in zip(text, weights, strict=False))
        if "10X98765432"[total % 11] == text[17]:
            return None
    return "id_precision_lost" if len(text) == 18 and text.endswith("000") else "invalid_id"


def birth_date(id_text: str) -> date:
    """The birth date of a valid ID."""
    return date(int(id_text[6:10]), int(id_text[10:12]), int(id_text[12:14]))


def sixtieth_birthday(id_text: str) -> date:
    """29 February counts as 1 March in other years."""
    born = birth_date(id_text)
    try:
        return born.replace(year=born.year + 60)
    except ValueError:
        return date(born.year + 60, 3, 1)


def recount(district: District) -> Count:
    """Every figure of the sample from its rows."""
    count = Count()
    codes = {township.name: township.code for township in district.policy.townships}
    people = people_of_the_roll(district, codes, count)
    judge_people(district, people, count)
    lines = judge_lines(district, people, codes, count)
    cover(people, lines, count)
    warn_of_accounts(people, lines, count)
    judge_money(district, codes, count)
    return count


def people_of_the_roll(district: District, codes: dict[str, str], count: Count) -> dict[object, Person]:
    """The persons by ID, or by everything they have where the ID is no ID; holds of the roll set their state."""
    rows_of: dict[object, dict[date, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in district.roll.select(ROLL_COLUMNS).iter_rows(named=True):
        problem = id_problem(row["id_text"], row["id_is_number"])
        key = row["id_text"]
        if problem:
            key = (problem, row["township"], row["village_name"], row["name"], row["id_text"])
        rows_of[key][row["snapshot_date"]].append(row)
    people = {}
    for key, snapshots in rows_of.items():
        latest = snapshots[max(snapshots)]
        first = min(latest, key=lambda row: (codes.get(row["township"], UNKNOWN), row["village_name"], row["name"]))
        township = codes.get(first["township"], UNKNOWN)
        names = {row["name"].translate(DOTS_AND_BLANKS) for row in latest}
        person = Person(key, township, first["household_no"], names, first["schooling"])
        people[key] = person
        kinds: set[str] = {"unknown_township"} if township == UNKNOWN else set()
        if isinstance(key, tuple):
            kinds.add(key[0])
            person.state, person.reason = "excluded", "unidentified"
        else:
            for rows in snapshots.values():
                kinds |= holds(rows)
        for kind in ("on_two_township_rolls", "id_with_two_names"):
            if kind in kinds and not person.state:
                person.state, person.reason = "unconfirmed", kind
        count.mismatches.update(kinds)
    members: dict[str, set[str]] = defaultdict(set)
    for row in district.roll.select(ROLL_COLUMNS).iter_rows(named=True):
        if not id_problem(row["id_text"], row["id_is_number"]):
            members[row["member_no"]].add(row["id_text"])
    count.mismatches["member_with_two_ids"] += sum(len(ids) > 1 for ids in members.values())
    return people


def holds(rows: list[Row]) -> set[str]:
    """What one snapshot's rows of one ID show."""
    kinds = set()
    if len({row["township"] for row in rows}) > 1:
        kinds.add("on_two_township_rolls")
    if len({row["name"] for row in rows}) > 1:
        kinds.add("id_with_two_names")
    if max(Counter((row["name"], row["township"]) for row in rows).values()) > 1:
        kinds.add("duplicate_on_roll")
    return kinds


def classes(district: District, people: dict[object, Person], count: Count) -> dict[str, tuple[set[str], str | None]]:
    """Per ID the classes of the latest verification, and the first reason."""
    latest: dict[str, list[Row]] = defaultdict(list)
    for row in district.classification.iter_rows(named=True):
        problem = id_problem(row["id_text"])
        if problem:
            count.mismatches[problem] += 1
        else:
            latest[row["id_text"]].append(row)
    found = {}
    for id_text, rows in latest.items():
        if id_text not in people:
            count.mismatches["classified_not_on_roll"] += 1
        last = max(row["verified_date"] for row in rows)
        words = {row["class"] for row in rows if row["verified_date"] == last}
        reasons = sorted(row["class_reason"] for row in rows if row["verified_date"] == last and row["class_reason"])
        found[id_text] = (words, reasons[0] if reasons else None)
    return found


def evidence(person: Person, district: District, register: dict[str, list[Row]], disabled: set[str]) -> str | None:
    """The bureau's first reason against a person with a valid ID."""
    year, id_text = district.policy.policy_year, str(person.key)
    rows = register.get(id_text, [])
    exclusions = {row["exclusion"] for row in rows}
    born = birth_date(id_text)
    reasons = {
        "deceased": "死亡" in exclusions,
        "under_16": date(born.year + 16, born.month, min(born.day, 28)) > date(year, 12, 31),
        "aged_60_or_over": sixtieth_birthday(id_text) <= date(year, 1, 1),
        "receiving_benefits": any(row["benefit_status"] in ("正常领取", "暂停领取") for row in rows),
        "in_school": person.schooling in SCHOOLINGS - {None, "", "非在校生"},
        "employee_scheme": bool(exclusions & {"省职保", "机关保", "省外职保"}),
        "insured_elsewhere": "外地居保" in exclusions,
        "military": "现役军人" in exclusions,
        "imprisoned": "服刑" in exclusions,
        "abroad": "出国(境)" in exclusions,
        "moved_out": "迁出" in exclusions,
        "other_fund": id_text in disabled,
    }
    return next((reason for reason, holds_true in reasons.items() if holds_true), None)


def is_unreadable(person: Person, register: dict[str, list[Row]]) -> bool:
    """Whether something of the person's evidence is in a word that nobody knows."""
    exclusions = {row["exclusion"] for row in register.get(str(person.key), [])} - {None}
    return bool(exclusions - EXCLUSIONS) or person.schooling not in SCHOOLINGS


def day_of_death(person: Person, register: dict[str, list[Row]]) -> date | None:
    """The day under 死亡日期, if the register has one."""
    return next((row["death_date"] for row in register.get(str(person.key), []) if row["death_date"]), None)


def judge_people(district: District, people: dict[object, Person], count: Count) -> None:
    """The state of each person by the table of eligibility, and the ladder down to the eligible."""
    found = classes(district, people, count)
    register: dict[str, list[Row]] = defaultdict(list)
    for row in district.register.iter_rows(named=True):
        register[row["id_no"]].append(row)
    disabled = set(district.category_rolls.filter(district.category_rolls["category"] == "重度残疾")["id_no"])
    for person in people.values():
        if person.reason != "unidentified":
            words, why = found.get(str(person.key), (set(), None))
            person.class_word = next(iter(words)) if len(words) == 1 else None
            against = evidence(person, district, register, disabled)
            person.changed_on = day_of_death(person, register)
            if person.changed_on:
                against = None
            if not against and is_unreadable(person, register):
                count.mismatches["evidence_unreadable"] += 1
                if not person.state:
                    person.state, person.reason = "unconfirmed", "evidence_unreadable"
                against = None
            state, reason, mismatch = by_table(person, against, len(words) > 1, why, district)
            if mismatch:
                count.mismatches[mismatch] += 1
            if not person.state:
                person.state, person.reason = state, reason
        count.ladder[person.township, 1, None] += 1
        step = {"excluded": 2, "unconfirmed": 3, "eligible": 4}[person.state]
        count.ladder[person.township, step, person.reason] += 1


def by_table(
    person: Person, against: str | None, is_twice: bool, why: str | None, district: District
) -> tuple[str, str | None, str | None]:
    """State, reason and mismatch of one person."""
    is_paid_for = person.class_word in ("返还", "代缴")
    if against:
        return (
            ("unconfirmed", "classification_conflict", "classification_conflict")
            if is_paid_for
            else ("excluded", against, None)
        )
    if is_paid_for:
        return "eligible", None, None
    if person.class_word == "不符合":
        if not why:
            return "excluded", "township:unstated", "exclusion_without_reason"
        word = why if why in district.policy.exclusion_reasons else "其他"
        return "excluded", f"township:{word}", None
    kind = "classified_twice" if is_twice else "unclassified"
    return "unconfirmed", kind, kind


def judge_lines(district: District, people: dict[object, Person], codes: dict[str, str], count: Count) -> list[Row]:
    """Every line with `disposition` and `mismatch`; dropped rows are no lines."""
    lines = []
    for row in district.bank.iter_rows(named=True):
        if row["disposition"] == WITHDRAWN:
            count.mismatches["success_withdrawn"] += 1
        else:
            lines.append(row | {"order": (row["batch_no"], row["line_no"])})
    for row in district.tax.iter_rows(named=True):
        if row["levy_item"].startswith("10210"):
            lines.append(row | {"order": (row["voucher_no"], 0)})
    for line in lines:
        line["paying"] = codes.get(line["township"], UNKNOWN)
        outcome = line["outcome"]
        line["result"] = outcome if outcome in ("failed", "unknown", "unrecognised") else None
        count.mismatches["unknown_outcome"] += outcome == "unrecognised"
        line["problem"] = id_problem(line["id_no"])
        line["found"] = None
        if line.get("payer_kind") == "个人缴费":
            line["result"] = "self_paid"
    pair_reversals(lines)
    passed: dict[object, list[Row]] = defaultdict(list)
    payments = self_payments(district)
    unclear: dict[tuple[str, str], date] = defaultdict(lambda: date.min)
    for line in lines:
        if line["result"] == "unrecognised":
            key = (line["id_no"], line["channel"])
            unclear[key] = max(unclear[key], line["paid_date"])
    for line in lines:
        if line["result"] is None:
            line["found"] = first_failed_test(line, people, payments, district, count)
            if not line["found"] and unclear[line["id_no"], line["channel"]] >= line["paid_date"]:
                line["found"] = "outcome_unclear"
            line["result"] = "disputed" if line["found"] else None
            if not line["found"]:
                passed[line["id_no"]].append(line)
    for rows in passed.values():
        rows.sort(key=lambda row: (row["paid_date"], row["channel"] == "refund", row["order"]))
        rows[0]["result"] = "written_off"
        changed_on = people[rows[0]["id_no"]].changed_on
        count.mismatches["changed_after_payment"] += changed_on is not None and rows[0]["paid_date"] < changed_on
        for row in rows[1:]:
            is_same = row["channel"] == rows[0]["channel"]
            row["result"], row["found"] = "disputed", "paid_twice" if is_same else "paid_in_both_channels"
    for line in lines:
        count.dispositions[line["channel"], line["result"]] += 1
        if line["found"]:
            count.mismatches[line["found"]] += 1
    return lines


def pair_reversals(lines: list[Row]) -> None:
    """Each reversal undoes the latest success before it."""
    successes: dict[object, list[Row]] = defaultdict(list)
    for line in lines:
        if line["result"] is None and line["outcome"] == "success" and not line["problem"]:
            successes[line["channel"], line["id_no"], line["amount_yuan"]].append(line)
    reversals = [line for line in lines if line["result"] is None and line["outcome"] == "reversed"]
    for reversal in sorted(reversals, key=lambda row: (row["paid_date"], row["order"])):
        before = [
            line
            for line in successes[reversal["channel"], reversal["id_no"], reversal["amount_yuan"]]
            if line["paid_date"] <= reversal["paid_date"] and line["result"] is None
        ]
        if before:
            max(before, key=lambda row: (row["paid_date"], row["order"]))["result"] = "reversed"
            reversal["result"] = "reversal"
        else:
            reversal["result"], reversal["found"] = "disputed", "reversal_without_payment"


def self_payments(district: District) -> dict[str, list[tuple[date, Decimal]]]:
    """Date and amount of what each person paid himself, by register and tax rows."""
    payments: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
    for row in district.register.iter_rows(named=True):
        if row["self_paid_date"]:
            payments[row["id_no"]].append((row["self_paid_date"], row["self_paid_amount_yuan"]))
    for row in district.tax.iter_rows(named=True):
        if row["payer_kind"] == "个人缴费" and row["levy_item"].startswith("10210") and row["outcome"] == "success":
            payments[row["id_no"]].append((row["paid_date"], row["amount_yuan"]))
    return payments


def first_failed_test(
    line: Row,
    people: dict[object, Person],
    payments: dict[str, list[tuple[date, Decimal]]],
    district: District,
    count: Count,
) -> str | None:
    """The first of the tests 1 to 8 that a live success fails; warnings are counted on the way."""
    premium, year = district.policy.premium_yuan, district.policy.policy_year
    if line["problem"]:
        return str(line["problem"])
    person = people.get(line["id_no"])
    if person is None:
        return "not_on_roll"
    similar = [match for match in (match_names(line["name"], name) for name in person.names) if match]
    if not similar:
        return "name_mismatch"
    if "same" not in similar:
        count.mismatches["name_unreadable"] += 1
    if UNKNOWN not in (line["paying"], person.township) and line["paying"] != person.township:
        count.mismatches["township_mismatch"] += 1
    if (person.class_word, line["channel"]) in (("返还", "collection"), ("代缴", "refund")):
        count.mismatches["channel_mismatch"] += 1
    if person.state in ("excluded", "unconfirmed"):
        return {"excluded": "paid_ineligible", "unconfirmed": "paid_unconfirmed"}[person.state]
    if line["amount_yuan"] != premium:
        return "amount_mismatch"
    if line["paid_date"].year != year or line["period_year"] != year:
        return "outside_window"
    if line["paid_date"] >= sixtieth_birthday(line["id_no"]):
        return "paid_after_60"
    if line["channel"] == "refund" and not any(
        day <= line["paid_date"] and amount >= premium for day, amount in payments.get(line["id_no"], [])
    ):
        return "refund_without_self_payment"
    return None


def match_names(name: str, other: str) -> str | None:
    """`same`, `unreadable`, or nothing."""
    name, other = name.translate(DOTS_AND_BLANKS), other.translate(DOTS_AND_BLANKS)
    if name == other:
        return "same"
    if name.translate(SIMPLIFIED) == other:
        return "unreadable"
    is_alike = len(name) == len(other) and all(
        one == two or "?" in (one, two) or one in "?？□*" for one, two in zip(name, other, strict=True)
    )
    return "unreadable" if is_alike else None


def cover(people: dict[object, Person], lines: list[Row], count: Count) -> None:
    """Covered and uncovered persons by the roll's township, money by the paying one."""
    lines_of: dict[object, list[Row]] = defaultdict(list)
    for line in lines:
        lines_of[line["id_no"]].append(line)
        if line["outcome"] == "success" and line["result"] in ("written_off", "disputed"):
            count.paid_out[line["paying"]] += line["amount_yuan"]
        if line["result"] == "written_off":
            count.used[line["paying"]] += line["amount_yuan"]
    for key, person in people.items():
        own = lines_of.get(key, [])
        written_off = [line for line in own if line["result"] == "written_off"]
        if person.state != "eligible":
            continue
        if written_off:
            count.ladder[person.township, 6, None] += 1
            by_channel = count.refunded if written_off[0]["channel"] == "refund" else count.paid_on_behalf
            by_channel[person.township] += 1
        else:
            count.ladder[person.township, 5, uncovered_reason(own)] += 1


def uncovered_reason(lines: list[Row]) -> str:
    """Why an eligible person isn't covered."""
    lines = [line for line in lines if line["result"] != "self_paid"]
    if any(line["result"] == "disputed" and line["outcome"] == "success" for line in lines):
        return "disputed"
    if not lines:
        return "silent"
    last = max(line["paid_date"] for line in lines)
    outcomes = {line["outcome"] for line in lines if line["paid_date"] == last}
    if outcomes & {"reversed", "success"}:
        return "reversed"
    if "unrecognised" in outcomes:
        return "outcome_unrecognised"
    if "unknown" in outcomes:
        return "outcome_unknown"
    reasons = sorted(line["failure_reason"] for line in lines if line["paid_date"] == last)
    return f"return_failed:{reasons[0]}"


def warn_of_accounts(people: dict[object, Person], lines: list[Row], count: Count) -> None:
    """Accounts that were refunded for persons of two or more households."""
    households: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        is_live = line["outcome"] == "success" and line["result"] in ("written_off", "disputed")
        if line["channel"] == "refund" and is_live and line["id_no"] in people and line["account"]:
            households[line["account"]].add(people[line["id_no"]].household)
    count.mismatches["duplicate_account"] += sum(len(each) > 1 for each in households.values())


def judge_money(district: District, codes: dict[str, str], count: Count) -> None:
    """Money's own mismatches, and unknown townships of tax rows and batches."""
    premium = district.policy.premium_yuan
    allocated: Counter[str] = Counter()
    for row in district.allocations.iter_rows(named=True):
        allocated[codes[row["township"]]] += row["amount_yuan"]
    shares = {level.word: level.share for level in district.policy.fund_levels}
    for row in district.grants.iter_rows(named=True):
        gap = row["amount_yuan"] != row["persons"] * premium * shares[row["fund_level"]]
        count.mismatches["grant_headcount_gap"] += gap
    count.mismatches["over_allocated"] += sum(count.used[code] > allocated[code] for code in codes.values())
    count.mismatches["over_budget"] += sum(allocated.values()) > sum(district.grants["amount_yuan"])
    for row in district.tax.iter_rows(named=True):
        count.mismatches["unknown_township"] += row["township"] not in codes and row["disposition"] != "dropped"
    heads = {(row["batch_no"], row["township"]) for row in district.bank.iter_rows(named=True)}
    count.mismatches["unknown_township"] += sum(township not in codes for _, township in heads)
