"""How much entries of the library are like a case at hand, and why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.library.documents import Standing
from cases.library.likeness import LEAST, MOST, Facts, Kind, rank
from tests.factories.library import a_doc, golden

DOCS = golden().docs


def shown(facts: Facts) -> list[tuple[str, list[tuple[str, str]]]]:
    return [
        (like.doc.number, [(why.kind.value, why.label) for why in like.why])
        for like in rank(facts, DOCS)
    ]


def test_the_same_case_comes_first_with_every_reason() -> None:
    facts = Facts(
        "What is the next step for depression while breastfeeding?",
        ["Depression after birth"],
        ["sertraline"],
        ["dose_change"],
    )
    first, *others = shown(facts)
    assert first == (
        "KB-0001",
        [
            ("diagnosis", "depression"),
            ("medicine", "sertraline"),
            ("question", "dose_change"),
            ("words", "next"),
            ("words", "step"),
            ("words", "breastfeeding"),
        ],
    )
    assert [number for number, _ in others] == ["KB-0002", "KB-0017"]


@pytest.mark.parametrize(
    ("facts", "numbers"),
    [
        (
            Facts("How do we start bupe in pregnancy with fentanyl use?", ["OUD"]),
            ["KB-0005", "KB-0011", "KB-0009"],
        ),
        (Facts("How to taper alprazolam safely?", ["PTSD"], ["alprazolam"]), ["KB-0004"]),
        (Facts("", ["Schizophrenia", "obesity"], ["olanzapine"]), ["KB-0012", "KB-0013"]),
        (Facts("", ["MDD, recurrent, moderate"]), ["KB-0001", "KB-0002", "KB-0017"]),
        (Facts("", [], ["Zoloft"]), ["KB-0001"]),
        (Facts("Is it gout?", ["Gout"], ["allopurinol"], ["dose_change"]), []),
        (Facts("", [], [], ["dose_change"]), []),
        (Facts(), []),
    ],
)
def test_the_library_reads_names_as_its_search_does(facts: Facts, numbers: list[str]) -> None:
    assert [number for number, _ in shown(facts)] == numbers


def test_a_kind_of_question_alone_is_no_likeness() -> None:
    docs = [a_doc("KB-0001", question="Is this gout?", tags=("gout",))]
    assert rank(Facts(types=["dose_change"]), docs) == ()


def test_what_is_out_of_date_comes_last() -> None:
    old = a_doc("KB-0001", tags=("depression", "sertraline"), standing=Standing.OUTDATED)
    new = a_doc("KB-0002", tags=("depression",))
    facts = Facts(diagnoses=["depression"], medicines=["sertraline"])
    assert [like.doc.number for like in rank(facts, [old, new])] == ["KB-0002", "KB-0001"]


names = st.lists(
    st.sampled_from(["depression", "OUD", "alcoholism", "PTSD", "", "use disorder", "ünïcode"]),
    max_size=4,
)


@given(st.text(max_size=80), names, names, st.permutations(DOCS))
def test_likeness_is_a_part_of_one_and_does_not_depend_on_the_order(
    question: str, diagnoses: list[str], medicines: list[str], docs
) -> None:
    facts = Facts(question, diagnoses, medicines, ["dose_change"])
    found = rank(facts, docs)
    assert found == rank(facts, DOCS)
    assert len(found) <= MOST
    assert all(LEAST <= like.score <= 1 for like in found)
    assert all(any(why.kind is not Kind.QUESTION for why in like.why) for like in found)
