"""The question coach: what it says about a question, and what the hub will ask."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules import intake
from cases.rules.fields import Module
from cases.rules.form import assemble
from cases.rules.form_setup import FormSetup
from cases.rules.options import QUESTION_TYPES
from cases.rules.question_coach import ADVICE, advice, asks
from cases.rules.question_coach_asks import ASKS, TEXTS

EVERYTHING = assemble(FormSetup(modules=tuple(Module)))
KINDS = tuple(option.value for option in QUESTION_TYPES)


@pytest.mark.parametrize(
    ("question", "codes"),
    [
        ("What is the next step for depression while breastfeeding?", ()),
        ("Any thoughts?", ("vague", "subject", "short")),
        ("Please advise.", ("vague", "mark", "subject", "short")),
        ("Should we start methadone? And can she drive?", ("one",)),
        ("How should we taper alprazolam, and how fast?", ()),
        ("Should we stop olanzapine now", ("mark",)),
        ("Should we do this or that next week?", ("subject",)),
        ("", ()),
    ],
)
def test_advice(question: str, codes: tuple[str, ...]) -> None:
    assert advice(question) == codes


def test_naming_a_diagnosis_of_the_case_says_what_it_is_about() -> None:
    question = "Should we raise the Zyxtrane or go on like this?"
    assert advice(question) == ("subject",)
    assert advice(question, ["zyxtrane xr"]) == ()


@given(st.text(max_size=300), st.lists(st.text(max_size=20), max_size=3))
def test_any_text_gets_known_advice_in_order(question: str, about: list[str]) -> None:
    order = list(ADVICE)
    found = advice(question, about)
    assert list(found) == sorted(found, key=order.index)


def test_every_ask_stands_in_the_form_and_is_reachable() -> None:
    assert len({ask.key for ask in ASKS}) == len(ASKS)
    for ask in ASKS:
        assert ask.fields or ask.words, ask.key
        assert set(ask.kinds) <= set(KINDS)
        assert set(ask.modules) <= {module.value for module in Module}
        paths = {path.partition("[")[0].replace("*", "0") for path in ask.fields}
        assert paths - {"labs"} == set(
            intake.known_paths(EVERYTHING, dict.fromkeys(paths - {"labs"}, "1"))
        ), ask.key
    assert set(TEXTS) <= {asked.key for asked in EVERYTHING.fields()}


def test_every_kind_of_question_makes_the_hub_ask_something() -> None:
    for kind in KINDS:
        for module in Module:
            assert asks({"question_types": [kind]}, [module]), (kind, module)


@given(st.sets(st.sampled_from(KINDS)), st.sets(st.sampled_from(list(Module)), min_size=1))
def test_asks_come_once_and_in_order_and_nothing_is_ticked_in_an_empty_form(
    kinds: set[str], modules: set[Module]
) -> None:
    found = asks({"question_types": sorted(kinds)}, modules)
    order = [ask.key for ask in ASKS]
    assert [ask.key for ask in found] == [key for key in order if key in {a.key for a in found}]
    assert not any(ask.ticked for ask in found)


@pytest.mark.parametrize("ask", [a for a in ASKS if a.fields], ids=lambda ask: ask.key)
def test_each_field_of_an_ask_ticks_it(ask) -> None:
    kinds, modules = list(ask.kinds or KINDS), list(ask.modules or ["bh"])
    for path in ask.fields:
        key, bracket, code = path.rstrip("]").partition("[")
        typed = {path.replace("*", "3"): "1"}
        if bracket:
            typed = {f"{key}.3.code": code, f"{key}.3.value": "7"}
        found = {a.key: a for a in asks({"question_types": kinds, **typed}, modules)}
        assert found[ask.key].ticked, path


def test_a_lab_row_without_a_value_ticks_nothing() -> None:
    typed = {"labs.0.code": "platelets", "labs.0.value": " ", "labs.1.value": "98"}
    assert not {a.key: a.ticked for a in asks(typed, ["hcv"])}["platelets"]
