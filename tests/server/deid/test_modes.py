"""Spanish and French: a mode of their own, loaded only when asked for."""

import json
from datetime import date

import pytest

from server.deid import load
from server.deid.detect import scan, second_look
from tests.tools.deid import corpus

TODAY = date(2026, 11, 24)
LANGUAGES = load.LANGUAGES


@pytest.mark.parametrize(
    ("lang", "mode"),
    [
        ("es", "es"),
        ("es-MX", "es"),
        ("ES", "es"),
        ("fr_CA", "fr"),
        ("en", ""),
        ("est", ""),
        ("", ""),
        ("pt", ""),
    ],
)
def test_a_language_tag_has_a_mode(lang, mode):
    assert load.mode(lang) == mode


@pytest.fixture(scope="module")
def texts():
    files = sorted(corpus.HERE.glob("*.txt"))
    return [text for f in files if not f.stem.startswith("blind") for text in corpus.ours(f)]


def touched(texts, lang):
    hits = [
        any(f.start < span.end and span.start < f.end for f in findings)
        for t in texts
        if t.lang == lang
        for findings in [scan(t.text, lang, TODAY).findings]
        for span in t.spans
    ]
    return sum(hits) / len(hits)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_planted_identifiers_are_touched(texts, lang):
    assert touched(texts, lang) >= 0.97


@pytest.mark.parametrize("lang", LANGUAGES)
def test_planted_identifiers_of_unseen_texts_are_touched(lang):
    assert touched(corpus.ours(corpus.HERE / "blind_es_fr.txt"), lang) >= 0.86


@pytest.mark.parametrize("lang", LANGUAGES)
def test_clean_texts_raise_few_alarms_and_hardly_a_block(texts, lang):
    clean = [scan(t.text, lang, TODAY) for t in texts if t.lang == lang and not t.spans]
    assert len(clean) > 25
    assert sum(len(result.findings) for result in clean) / len(clean) <= 0.5
    assert sum(bool(result.blocking) for result in clean) / len(clean) <= 0.04


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("es", "El puente sobre el arroyo no aguanta; que baje la fiebre, no el ánimo. ¿Cuándo?"),
        (
            "es",
            "Servicio de Urología. Signo de Murphy negativo. Mañana llama la enfermera de guardia.",
        ),
        ("fr", "Aujourd'hui l'infirmière n'a pas pu passer. J'ai donné l'ordonnance à quelqu'un."),
        (
            "fr",
            "Avis de cardiologie. Maladie de Parkinson. D'après elle, rien n'a changé cet été.",
        ),
    ],
)
def test_ordinary_words_raise_no_alarm(lang, text):
    assert scan(text, lang, TODAY).findings == ()


def found(lang, text):
    return [text[f.start : f.end] for f in scan(text, lang, TODAY).findings]


@pytest.mark.parametrize(
    ("lang", "text", "spans"),
    [
        (
            "fr",
            "Elle a vu Ndayambaje hier à la clinique d'Amiens.",
            ["Ndayambaje", "clinique d'Amiens"],
        ),
        ("es", "Su prima Yuleisy vive en Huancapi.", ["Yuleisy", "Huancapi"]),
        ("fr", "L'Agnès, sa voisine, garde les clés.", ["L'Agnès"]),
    ],
)
def test_names_and_places_that_no_list_has_are_read_in_context(lang, text, spans):
    assert found(lang, text) == spans


def test_the_second_look_reads_in_the_same_mode():
    text = "La pastilla de noche le cae mal. Refiere mareo y dolor de cabeza. Camina despacio."
    assert second_look(text, scan(text, "es", TODAY)) == ()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_a_browser_fetches_besides_is_small(lang):
    assert len(load.packed_words(lang)) <= 150_000
    sent = json.loads(load.browser_rules(lang))
    assert sent["version"] == load.ruleset().version == load.ruleset(lang).version


@pytest.mark.parametrize("lang", LANGUAGES)
def test_rules_left_out_are_rules(lang):
    own = json.loads((load.MODES / f"{lang}.json").read_text("utf-8"))
    assert set(own["leave"]) <= {rule.id for rule in load.read_files().rules}
    assert set(own["cues"]) == set(load.read_files().cues)
