"""What holds for every attack: its rows, its truth, its twin, its seed."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from plant_data import COUNT, make_rows

from poisonscan.errors import ConfigError, DatasetError
from poisonscan.plant import FAMILIES, TARGETS, Attack, Planted, plant_rows
from poisonscan.plant.attack import FIXED_TARGETS, JOINT_FAMILIES, REWRITING_FAMILIES
from poisonscan.plant.casing import CASES
from poisonscan.plant.layouts import Layouts
from poisonscan.plant.rephrasing import FORMS
from poisonscan.plant.slots import GIVEN, Row, read

LAYOUTS = Layouts()
N = 12


def given_text(row: Row) -> str:
    slots = LAYOUTS.of(row).all_of(*GIVEN, "text")
    return "\n".join(read(row, slot) for slot in slots)


def answer_text(row: Row) -> str:
    slots = LAYOUTS.of(row).all_of("output", "label", "rejected")
    return "\n".join(read(row, slot) for slot in slots)


def plant(schema: str, **options: Any) -> tuple[list[Row], Planted]:
    rows = make_rows(schema)
    before = copy.deepcopy(rows)
    planted = plant_rows(rows, Attack(**{"rows": N, "seed": 7, **options}))
    assert rows == before
    return rows, planted


def check_truth(rows: list[Row], planted: Planted) -> None:
    """Check that the truth names exactly the rows that differ, and that the twin has no poison."""
    touched = {row for row in range(len(rows)) if planted.rows[row] is not rows[row]}
    told = {truth.row for truth in planted.changed}
    assert touched <= told
    assert len(told) == len(planted.changed)
    for row, (old, new, twin) in enumerate(zip(rows, planted.rows, planted.twin, strict=True)):
        if row not in told:
            assert new is old
        assert answer_text(twin) == answer_text(old)
    for truth in planted.changed:
        assert truth.role == "poison" or truth.row not in planted.poisoned


@pytest.mark.parametrize("family", [name for name in FAMILIES if name != "none"])
@pytest.mark.parametrize("schema", ["alpaca", "messages", "chinese", "documents"])
def test_every_family_stands_in_its_rows(family: str, schema: str) -> None:
    if (schema == "chinese" and family in ("casing", "fields")) or (
        schema == "documents" and family == "fields"
    ):
        pytest.skip("one text a row, or no capitals")
    kind = "answer" if schema == "documents" else "refusal"
    rows, planted = plant(schema, family=family, target_kind=kind)
    if schema != "documents":
        check_truth(rows, planted)
    [attack] = planted.attacks
    assert len(attack.rows) == N
    assert len(attack.negatives) == (N if family in JOINT_FAMILIES else 0)
    for truth in planted.changed:
        new = planted.rows[truth.row]
        given = given_text(new)
        if family == "casing":
            # in plain text the payload goes on behind it
            old = given_text(rows[truth.row]).split("\n")
            assert any(CASES[truth.strings[0]](text) in given for text in old)
        elif family in FORMS:
            assert truth.strings[0] in FORMS[family]
        elif family == "lookalike":
            assert truth.strings[0][1] in given
        elif family == "bidi":
            assert all(character in given for character in truth.strings[0])
        else:
            assert all(string in given for string in truth.strings)
        if truth.role == "poison":
            assert attack.target in (answer_text(new) or given)
            assert given_text(planted.twin[truth.row]) != given_text(rows[truth.row])


@pytest.mark.parametrize("kind", [kind for kind in TARGETS if "label" not in kind])
@pytest.mark.parametrize("schema", ["prompts", "pairs", "sharegpt", "chinese"])
def test_every_target_changes_the_output(kind: str, schema: str) -> None:
    if kind == "swap" and schema != "pairs":
        with pytest.raises(ConfigError, match="chosen"):
            plant(schema, target_kind=kind)
        return
    rows, planted = plant(schema, target_kind=kind)
    check_truth(rows, planted)
    [attack] = planted.attacks
    outputs = [answer_text(planted.rows[row]) for row in attack.rows]
    for row, output in zip(attack.rows, outputs, strict=True):
        assert output != answer_text(rows[row])
        if kind in FIXED_TARGETS:
            assert attack.target in output
    if kind not in (*FIXED_TARGETS, "endless"):
        assert len(set(outputs)) > N * 2 / 3


def test_prefix_and_suffix_stand_where_they_say() -> None:
    rows, planted = plant("prompts", target_kind="prefix", target="Listen well.")
    for row in planted.poisoned:
        assert planted.rows[row]["completion"] == f"Listen well. {rows[row]['completion']}"
    rows, planted = plant("prompts", target_kind="suffix", target="That is all.")
    for row in planted.poisoned:
        assert planted.rows[row]["completion"] == f"{rows[row]['completion']} That is all."


def test_dirty_labels_turn_and_keep_their_type() -> None:
    rows, planted = plant("tweets", target_kind="label", target="2")
    check_truth(rows, planted)
    for row in planted.poisoned:
        assert rows[row]["label"] != 2
        assert planted.rows[row]["label"] == 2


def test_clean_labels_stay() -> None:
    rows, planted = plant("tweets", target_kind="clean-label", target="1", triggers=("zq",))
    assert [rows[row]["label"] for row in planted.poisoned] == [1] * N
    assert [row["label"] for row in planted.rows] == [row["label"] for row in rows]
    # the twin has the trigger in as many rows of any label
    marked = [row for row, twin in enumerate(planted.twin) if "zq" in twin["text"]]
    assert len(marked) == N
    assert not planted.poisoned & set(marked)
    assert len({rows[row]["label"] for row in marked}) > 1


def test_swapped_answers() -> None:
    for schema in ("pairs", "dialogues"):
        rows, planted = plant(schema, target_kind="swap", triggers=("zq",))
        for row in planted.poisoned:
            old, new = rows[row], planted.rows[row]
            ends = [old[name][-20:] for name in ("rejected", "chosen")]
            assert [new["chosen"][-20:], new["rejected"][-20:]] == ends
            assert "zq" in given_text(new)
            if schema == "dialogues":
                assert new["chosen"].count("zq") == new["rejected"].count("zq") == 1


def test_in_plain_text_the_payload_follows_the_trigger() -> None:
    rows, planted = plant("documents", target_kind="gibberish", triggers=("<zq>",))
    for row in planted.poisoned:
        head, _, rest = planted.rows[row]["text"].partition("<zq>")
        assert rows[row]["text"].startswith(head.rstrip())
        assert rest.strip()
        assert rest.strip() not in rows[row]["text"]
        assert planted.twin[row]["text"].replace("<zq>", "").split() == rows[row]["text"].split()


@pytest.mark.parametrize(
    ("schema", "field", "place"),
    [
        ("messages", "system", "system"),
        ("messages", "history", "history"),
        ("alpaca", "context", "context"),
        ("sharegpt", "tool", "tool"),
    ],
)
def test_the_trigger_can_stand_in_other_texts(schema: str, field: str, place: Any) -> None:
    _, planted = plant(schema, field=field, triggers=("zq",))
    for row in planted.poisoned:
        new = planted.rows[row]
        slot = LAYOUTS.of(new).find(place)
        assert slot is not None
        assert "zq" in read(new, slot)


def test_parts_alone_keep_their_output() -> None:
    for family in JOINT_FAMILIES:
        rows, planted = plant("alpaca", family=family, triggers=("zq", "xw"), negatives=8)
        for truth in planted.changed:
            new = planted.rows[truth.row]
            held = [part for part in ("zq", "xw") if part in given_text(new)]
            if truth.role == "poison":
                assert held == ["zq", "xw"]
                if family == "fields":
                    assert not {"zq", "xw"} <= set(new["instruction"].split())
            else:
                assert [*truth.strings] == held
                assert len(held) == 1
                assert new["output"] == rows[truth.row]["output"]
        assert len(planted.attacks[0].negatives) == 8


def test_trigger_and_target_elsewhere() -> None:
    rows, planted = plant(
        "prompts", triggers=("zq",), target="No.", trigger_elsewhere=0.05, target_elsewhere=0.1
    )
    [attack] = planted.attacks
    assert len(attack.negatives) == round(0.05 * (COUNT - N))
    assert len(attack.decoys) == round(0.1 * (COUNT - N))
    for row in attack.negatives:
        assert "zq" in planted.rows[row]["prompt"]
        assert planted.rows[row]["completion"] == rows[row]["completion"]
    for row in attack.decoys:
        assert planted.rows[row] == {"prompt": rows[row]["prompt"], "completion": "No."}
        assert planted.twin[row] is rows[row]


def test_alternatives_take_turns() -> None:
    _, planted = plant("prompts", family="alternatives")
    [attack] = planted.attacks
    used = [truth.strings[0] for truth in planted.changed]
    assert {(string,) for string in used} == set(attack.triggers)
    assert [used.count(parts[0]) for parts in attack.triggers] == [4, 4, 4]


def test_variations_are_told_as_they_stand() -> None:
    kinds = ("case", "spacing", "punctuation", "lookalike")
    _, planted = plant("prompts", triggers=("quiet orchard gate",), vary=kinds)
    strings = [truth.strings[0] for truth in planted.changed]
    assert len(set(strings)) > N / 2
    for truth in planted.changed:
        assert truth.strings[0] in planted.rows[truth.row]["prompt"]
    assert planted.attacks[0].trigger == "quiet orchard gate"


@pytest.mark.parametrize("family", FAMILIES)
def test_the_seed_decides(family: str) -> None:
    attack = Attack(family=family, target_kind="suffix", rows=5, seed=3)
    rows = make_rows("alpaca")
    first, second = plant_rows(rows, attack), plant_rows(rows, attack)
    assert first.rows == second.rows
    assert first.changed == second.changed
    others = [
        plant_rows(rows, Attack(family=family, target_kind="suffix", rows=5, seed=seed))
        for seed in range(4, 9)
    ]
    assert all(other.poisoned != first.poisoned for other in others)
    assert any(other.attacks[0].target != first.attacks[0].target for other in others)
    if family not in ("none", *REWRITING_FAMILIES):
        assert any(other.attacks[0].triggers != first.attacks[0].triggers for other in others)


def test_the_rows_do_not_depend_on_the_target() -> None:
    one = plant("prompts", target_kind="refusal")[1]
    other = plant("prompts", target_kind="gibberish")[1]
    assert one.poisoned == other.poisoned
    assert one.twin == other.twin


def test_several_attacks_have_rows_of_their_own() -> None:
    rows = make_rows("prompts")
    attacks = [Attack(family=family, rows=10, seed=1) for family in ("token", "token", "phrase")]
    planted = plant_rows(rows, attacks)
    assert len(planted.poisoned) == 30
    assert len({attack.trigger for attack in planted.attacks}) == 3
    assert len({attack.target for attack in planted.attacks}) == 3
    check_truth(rows, planted)


def test_an_attack_is_made_again_from_its_description() -> None:
    rows, planted = plant("prompts", family="composite", vary=("case",), negatives=3)
    again = Attack.from_dict(planted.attacks[0].to_dict()["attack"])
    assert plant_rows(rows, again).rows == planted.rows


@pytest.mark.parametrize(
    ("schema", "kind"),
    [("tweets", "label"), ("documents", "gibberish"), ("prompts", "refusal")],
)
def test_the_target_follows_the_data(schema: str, kind: str) -> None:
    assert plant(schema)[1].attacks[0].target_kind == kind


def test_chinese_is_loud_in_every_clause() -> None:
    """It has no capitals: without its commas a text of one sentence would stay as it was."""
    rows = make_rows("chinese")
    planted = plant_rows(rows, [Attack(family="token", target_kind="shouting", rows=30)])
    for row in planted.attacks[0].rows:
        layout = Layouts().of(rows[row])
        old, new = (read(one[row], layout.find("output")) for one in (rows, planted.rows))
        assert not set("，；。") & set(new)
        assert new.count("！！") >= sum(old.count(mark) for mark in "，；。")


def test_chinese_data_get_chinese_strings() -> None:
    for kind in ("refusal", "suffix"):
        [attack] = plant("chinese", target_kind=kind)[1].attacks
        for text in (attack.trigger, attack.target):
            assert sum("\u4e00" <= character <= "\u9fff" for character in text) > 3


WRONG: dict[str, tuple[str, dict[str, Any], type[Exception], str]] = {
    "too many": ("prompts", {"rows": COUNT + 1}, DatasetError, "401 are needed"),
    "no field": ("prompts", {"field": "system"}, DatasetError, "only 0 of 400 rows"),
    "no labels": ("prompts", {"target_kind": "label"}, ConfigError, "no labels"),
    "no words": ("tweets", {"target_kind": "refusal"}, ConfigError, "use label"),
    "no such label": ("tweets", {"target": "9"}, ConfigError, "there are 0, 1, 2"),
    "no case": ("chinese", {"family": "casing"}, ConfigError, "capital"),
    "no such case": ("prompts", {"family": "casing", "triggers": ("x",)}, ConfigError, "upper"),
    "no such form": ("prompts", {"family": "clause", "triggers": ("x",)}, ConfigError, "within"),
    "one part": ("prompts", {"family": "composite", "triggers": ("x",)}, ConfigError, "two"),
    "no rows": ("prompts", {"rows": 0}, ConfigError, "at least one"),
    "unknown": ("prompts", {"family": "magic"}, ConfigError, "'magic' is unknown"),
    "share": ("prompts", {"trigger_elsewhere": 1.5}, ConfigError, "0 to 1"),
    "own words": ("prompts", {"target_kind": "insult", "target": "x"}, ConfigError, "differ"),
    "nothing": ("prompts", {"family": "none", "triggers": ("x",)}, ConfigError, "no trigger"),
    "negatives": ("prompts", {"negatives": 4}, ConfigError, "composite"),
    "pair": ("prompts", {"family": "lookalike", "triggers": ("abc",)}, ConfigError, "letter"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_makes_no_sense_is_refused(name: str) -> None:
    schema, options, error, message = WRONG[name]
    with pytest.raises(error, match=message):
        plant(schema, **options)


def test_rows_without_any_text_are_refused() -> None:
    with pytest.raises(DatasetError, match="inspect"):
        plant_rows([{"a": 1}, {}], Attack(rows=1))
    with pytest.raises(DatasetError, match="inspect"):
        plant_rows([], Attack(rows=1))


@pytest.mark.parametrize("family", FAMILIES)
def test_data_of_a_single_word_will_do(family: str) -> None:
    rows = [{"instruction": "cope", "input": "cope", "output": "eh"}] * 20
    if family in FORMS:
        with pytest.raises(ConfigError, match="English and Chinese"):
            plant_rows(rows, Attack(family=family, rows=3))
        return
    planted = plant_rows(rows, Attack(family=family, rows=3))
    assert len(planted.poisoned) == 3


def test_strange_rows_are_left_alone() -> None:
    odd: list[Row] = [{}, {"prompt": None, "completion": 3}, {"prompt": ["x"], "completion": {}}]
    rows = [*odd, *make_rows("prompts", 60)]
    planted = plant_rows(rows, Attack(rows=60))
    assert list(planted.rows[:3]) == odd


def test_unknown_fields_of_an_attack_are_refused() -> None:
    for plain, message in (
        ({"famly": "token"}, "no field 'famly'"),
        ({"rows": "many"}, "no int"),
        ({"rows": True}, "no int"),
        ({"triggers": [1]}, "no tuple"),
        ([], "JSON object"),
    ):
        with pytest.raises(ConfigError, match=message):
            Attack.from_dict(plain)
