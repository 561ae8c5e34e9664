"""What a programme must be."""

from dataclasses import replace

import pytest

from server.kit.errors import Invalid
from sessions.rules import programmes
from tests.factories.sessions import programme


def test_texts_are_cleaned() -> None:
    typed = replace(
        programme(), name="  Behavioural \t Health ", description="One\r\nTwo \x00", code="BH"
    )
    assert programmes.check(typed) == replace(
        programme(), name="Behavioural Health", description="One\nTwo"
    )


@pytest.mark.parametrize(("typed", "kept"), [(" bh ", "BH"), ("Echo", "ECHO")])
def test_codes_are_capital_letters(typed: str, kept: str) -> None:
    assert programmes.clean_code(typed) == kept


@pytest.mark.parametrize("code", ["", "B", "BEHAV", "B1", "BÉ", "B-H", "bh"])
def test_other_codes_are_refused(code: str) -> None:
    with pytest.raises(Invalid) as caught:
        programmes.check(replace(programme(), code=code))
    assert caught.value.fields == {"code": "programme.code"}


def test_every_wrong_field_is_named_at_once() -> None:
    wrong = replace(programme(), name="\t", description="x" * 2001, zone="Denver", code="1")
    with pytest.raises(Invalid) as caught:
        programmes.check(wrong)
    assert caught.value.fields == {
        "code": "programme.code",
        "name": "required",
        "description": "too_long",
        "zone": "series.zone",
    }


def test_a_name_has_120_characters_at_most() -> None:
    assert programmes.check(replace(programme(), name="x" * 120)).name == "x" * 120
    with pytest.raises(Invalid) as caught:
        programmes.check(replace(programme(), name="x" * 121))
    assert caught.value.fields == {"name": "too_long"}
