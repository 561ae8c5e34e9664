"""The person-first helper: every row of domain.md §10.4, its exemptions, and its spans."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules.person_first import OWN_WORDS, quotations, replacements, suggestions
from cases.rules.person_first_replace import WAYS
from cases.rules.person_first_words import ASKED, PHRASES, PREFER


def found(text: str) -> list[tuple[str, str]]:
    return [(text[s.start : s.end], s.key) for s in suggestions(text)]


AVOID = {
    "addict": "an addict; two ADDICTS; cocaine addict; a user; drug users; an abuser; a junkie",
    "opioid_addict": "a heroin addict; opioid addicts",
    "opioid_addiction": "opioid addiction; heroin addiction",
    "alcohol_abuse": "alcohol abuse; alcohol-abuse; alcoholism; ETOH abuse",
    "alcoholic": "an alcoholic; alcoholics; he is drunk; a drunk",
    "former_addict": "a former addict; an ex-alcoholic; reformed user; he is reformed",
    "drug_abuse": "drug abuse; alcohol and drug abuse; substance-abuse; abuses alcohol; "
    "abusing prescribed opioids; heroin habit; kicked the habit",
    "urine": "clean urine; dirty urine; UDS was dirty; urine drug screen came back clean",
    "clean": "she is clean; clean and sober; clean since spring; three months clean; stayed clean",
    "moud": "MAT; on mat since; medication-assisted treatment; opioid substitution therapy; "
    "replacement therapy",
    "newborn": "an addicted baby; drug-addicted newborns; born addicted",
    "return_to_use": "relapse; relapsed; relapsing; a slip",
    "drug_seeking": "drug-seeking; drug seeker; med seeking",
    "detox": "detoxed; detox; detoxing",
    "injects": "IV drug abuser; intravenous drug users; IVDU",
    "unregulated": "recreational drugs; street drug",
    "denies": "denied fever; denies use; denying pain",
    "claims": "he claims pain; claimed to sleep",
    "schizophrenic": "a schizophrenic; schizophrenics",
    "bipolar": "a bipolar; bipolars; she is bipolar; bipolar patient",
    "mentally_ill": "mentally ill; severely mentally ill; the SMI",
    "psychosis": "psychotics; crazy; psychotic patient; he was psychotic",
    "suffers": "suffers from pain; suffering from; victim of violence",
    "suicide": "committed suicide; commit suicide",
    "attempt": "failed attempt; successful suicide; completed suicide attempt; "
    "failed attempt to kill himself",
    "behaviour": "manipulative; attention-seeking; attention seeker",
    "not_taking": "non-compliant; noncompliance; not compliant",
    "declined": "refuses; refused; refusal",
    "diabetes": "a diabetic; diabetics; diabetic woman",
    "above_goal": "uncontrolled diabetic; poorly controlled diabetics",
    "obesity": "obese patient; morbidly obese",
    "housing": "the homeless; homeless man",
    "custody": "inmate; felons; ex-con; ex-convict",
    "urgent_visits": "frequent flyer; frequent flier; high utiliser; high-utilizers",
    "person": "interesting case; difficult cases",
}


@pytest.mark.parametrize("key", sorted(AVOID))
def test_every_row_of_the_table_with_inflections(key: str) -> None:
    for words in AVOID[key].split("; "):
        assert [k for _, k in found(f"Today {words}.")] == [key], words


def test_every_row_has_an_example_and_a_suggestion() -> None:
    keys = {phrase.key for phrase in PHRASES}
    assert keys == set(PREFER) == set(AVOID)
    assert all(PREFER.values())


@pytest.mark.parametrize("key", sorted(AVOID))
def test_letter_case_does_not_matter(key: str) -> None:
    if key == "moud":
        return  # "MAT" alone is an abbreviation, "mat" a thing to lie on
    for words in AVOID[key].split("; "):
        assert [k for _, k in found(f"TODAY {words.upper()}.")] == [key], words


PLAIN = (
    "A wheelchair user and a service user of the clinic.",
    "Her abuser was her husband. Sexual abuse in childhood. Physical abuse.",
    "Non-alcoholic fatty liver, alcoholic hepatitis, alcoholic beverages. He has drunk water.",
    "The wound is dressed in a clean bandage, clean-catch urine, the home is tidy.",
    "Clean needles are offered. He is clean and well dressed.",
    "A yoga mat. Nicotine replacement therapy, hormone replacement therapy, MATERNITY.",
    "A depressive relapse, relapse of psychosis, relapse prevention, HCV relapse.",
    "Slip and fall on ice, a slip of paper, slipped disc.",
    "She was denied coverage. Medicaid denied the request. Insurance claims data.",
    "Bipolar disorder, bipolar depression, bipolar type, a bipolar spectrum. Is this bipolar II?",
    "Psychotic symptoms, a psychotic episode, antipsychotic, non-psychotic.",
    "The Michigan Alcoholism Screening Test. An opioid addiction clinic.",
    "He suffers. A failed attempt to quit smoking. Spinal manipulation.",
    "Compliance rules of the hospital. Diabetic foot, diabetic ketoacidosis, prediabetic, diabetes.",
    "The homeless shelter. Felony charges. Case manager, this case, a case series.",
    "In the worst case we stop. Sleep habits, bowel habits, habitual.",
    "Person with a substance use disorder; person in recovery; return to use; misuse.",
)


@pytest.mark.parametrize("text", PLAIN)
def test_words_that_mean_something_else_stay(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "He says “I am a junkie and a drunk”.",
        'She wants "to stop being an addict".',
        "He calls himself 'a drunk' now.",
        "He calls himself ‘a drunk’ now.",
        "« je suis un junkie »",
        "„I am crazy“ were the words.",
        "Drug Abuse Screening Test and DAST-10; the national institute on drug abuse.",
        "Goes to Alcoholics Anonymous.",
    ],
)
def test_own_words_and_proper_names_stay(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ('He is 5\'10" tall, an addict, scar of 6" length', [("addict", "addict")]),
        ("“An open quote\nof an addict”", [("addict", "addict")]),
        ("The patient's view: addict. The parents' view.", [("addict", "addict")]),
        ("In the '90s an addict, his parents' house", [("addict", "addict")]),
        ("“quoted addict” and an addict", [("addict", "addict")]),
        ("IV drug abuser", [("IV drug abuser", "injects")]),
        ("a former heroin addict", [("former heroin addict", "former_addict")]),
        ("non‑compliant", [("non‑compliant", "not_taking")]),
        ("he’s bipolar", [("bipolar", "bipolar")]),
        ("drug\nabuse", [("drug\nabuse", "drug_abuse")]),
        ("👍 an addict", [("addict", "addict")]),
        ("", []),
    ],
)
def test_spans(text: str, hits: list[tuple[str, str]]) -> None:
    assert found(text) == hits


def test_a_suggestion_says_what_to_write_instead() -> None:
    (one,) = suggestions("a schizophrenic")
    assert one.prefer == ("person with schizophrenia",)
    assert {"goal_own_words", "how_do_you_feel_words"} == OWN_WORDS


def replaced(text: str) -> list[list[str]]:
    """Return, for each place of a text, the texts that one click each makes of it."""
    return [
        [text[: r.start] + r.words + text[r.end :] for r in replacements(text, found)]
        for found in suggestions(text)
    ]


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("An alcoholic.", "A person with alcohol use disorder."),
        ("Alcoholics came.", "People with alcohol use disorder came."),
        ("He is an IV drug user.", "He is a person who injects drugs."),
        ("took a street drug", "took an unregulated drug"),
        ("two  heroin addicts", "two  people with opioid use disorder"),
        ("He denies fever.", "He reports no fever."),
        ("UDS was dirty", "UDS was positive"),
        ("a homeless man", "a man without housing"),
        ("She is bipolar.", "She is living with bipolar disorder."),
        ("She is a bipolar.", "She is a person with bipolar disorder."),
        ("cocaine\nabuse", "cocaine use"),
        ("abusing prescribed opioids", "using prescribed opioids"),
        ("on MAT since spring", "on medication for opioid use disorder since spring"),
        ("He’s psychotic.", "He’s experiencing psychosis."),
        ("committed suicide", "died by suicide"),
        ("👍 an addict", "👍 a person with a substance use disorder"),
    ],
)
def test_one_click_leaves_a_sentence(text: str, after: str) -> None:
    assert replaced(text)[0][0] == after


@pytest.mark.parametrize(
    "text", ["manipulative", "he is drunk", "a mentally ill man", "an interesting case", "refusal"]
)
def test_where_no_words_fit_only_advice_is_given(text: str) -> None:
    assert replaced(text) == [[]]


@pytest.mark.parametrize("key", sorted(AVOID))
def test_a_replacement_is_not_suggested_about_again(key: str) -> None:
    for words in AVOID[key].split("; "):
        for ways in replaced(f"Today {words}."):
            assert all(not found(after) for after in ways), words


def test_every_way_belongs_to_a_row() -> None:
    assert {way.key for way in WAYS} <= set(PREFER)


def test_the_search_line_and_the_helper_read_one_table() -> None:
    assert {key for key, _ in ASKED.values()} <= set(PREFER)
    # Alone these say too little for a note; in a search line they are meant.
    alone = {"mat", "homeless"}
    for asked, (key, _) in ASKED.items():
        assert [k for _, k in found(f"Today {asked}.")] == ([] if asked in alone else [key]), asked


alphabet = st.sampled_from(
    [*"“”\"'’ \n.,-", "addict ", "clean ", "is ", "denied ", "\ud800", "İ", "ß", "a ", "urine "]
)


@given(st.lists(alphabet, max_size=40).map("".join) | st.text(max_size=80))
def test_spans_are_in_order_apart_and_outside_quotations(text: str) -> None:
    hits = suggestions(text)
    ends = [0, *(hit.end for hit in hits)]
    assert all(
        end <= hit.start < hit.end <= len(text) for end, hit in zip(ends, hits, strict=False)
    )
    quoted = {n for start, end in quotations(text) for n in range(start, end)}
    assert quoted.isdisjoint(n for hit in hits for n in range(hit.start, hit.end))


@given(st.sampled_from(sorted(AVOID)), st.text("abc .,\n", max_size=60), st.data())
def test_a_planted_phrase_is_found_in_any_frame(key: str, frame: str, data: st.DataObject) -> None:
    words = data.draw(st.sampled_from(AVOID[key].split("; ")))
    before = f"{frame}. "
    text = f"{before}{words}. {frame}"
    assert key in {s.key for s in suggestions(text) if len(before) <= s.start < len(text)}
