"""Words about illness, custody, housing and reports that the person-first helper looks for; pure data.

Source: domain.md §10.4; terms of mental illness, suicide, diabetes and custody are practitioner
knowledge [K]. What to say instead, by key: `person_first_words`.
"""

from typing import Final

from cases.rules.person_first_people import IS, PEOPLE, RELATIVES
from cases.rules.phrases import Phrase

P = Phrase

ILLNESS: Final = (
    P("schizophrenic", "schizophrenics?"),
    P("bipolar", rf"bipolars|bipolar (?:{PEOPLE})"),
    P(
        "bipolar",
        "bipolar",
        before=rf"a|{IS}",
        not_after=(
            r"disorders?|depress\w*|illness|disease|affective|spectrum|i|ii|1|2|type|mania|manic|"
            r"mixed|episodes?|symptoms?|diagnosis|screen\w*|questionnaire|features?|relapse|"
            r"treatment|clinic|family|course|picture|medic\w*|or unipolar"
        ),
    ),
    P("mentally_ill", "(?:(?:severely|seriously|chronically) )?mentally ill"),
    P(
        "mentally_ill",
        "the smi|smis",
        not_after=r"clinics?|module|program\w*|team|services?|series|group|diagnos\w*|form|session",
    ),
    P("psychosis", r"psychotics|crazy|craziest|crazies|crazier"),
    P("psychosis", rf"psychotic (?:{PEOPLE})"),
    P(
        "psychosis",
        "psychotic",
        before=rf"a|acting|went|goes|totally|completely|{IS}",
        not_after=(
            r"symptoms?|features?|disorders?|depress\w*|episodes?|illness\w*|process|break|"
            r"thoughts?|experiences?|relapse|content|mania|manic|spectrum|presentation|phenomena|"
            r"thinking|bipolar|major|state|level|reaction"
        ),
    ),
    P("suffers", "suffer(?:s|ed|ing)? from|victims? of"),
    P("suicide", "commit(?:s|ted|ting)? suicide"),
    P(
        "attempt",
        "(?:failed|unsuccessful|successful|completed) (?:suicide attempts?|suicides?)",
    ),
    P(
        "attempt",
        "(?:failed|unsuccessful|successful|completed) attempts?",
        # An attempt to stop smoking may fail; an attempt at one's own life does not.
        not_after=(
            r"(?:to|at|of|with) (?!(?:kill|suicide|hang|end|die|take (?:his|her|their) (?:own )?"
            r"life|(?:his|her|their) (?:own )?life))\w+"
        ),
    ),
    P(
        "behaviour",
        r"manipulative|manipulators?|attention[-\s]seek(?:ing|ers?)",
        not_before="osteopathic|spinal",
        not_after=r"therap\w*|treatment|medicine",
    ),
    P("not_taking", r"non[-\s]?complian(?:t|ce)|not compliant|poor(?:ly)? complian(?:t|ce)"),
    P("declined", "refus(?:e|es|ed|ing|al|als)"),
    P("above_goal", r"(?:uncontrolled|poorly[-\s]controlled) diabetics?"),
    P("diabetes", "diabetics"),
    P(
        "diabetes",
        "diabetic",
        not_before="non|pre|anti",
        not_after=(
            r"foot|feet|keto\w*|retinopath\w*|neuropath\w*|nephropath\w*|polyneuropathy|diets?|"
            r"eyes?|kidney|ulcers?|wounds?|gastropare\w*|coma|macular|maculopathy|medic\w*|"
            r"suppl\w*|clinics?|educat\w*|teaching|control|care|regimen|shoes|range|emergency|"
            r"screening|complications?|peripheral|autonomic|vascular|cardiomyopathy|amyotrophy|"
            r"drugs?|treatment|nurse|team|exam\w*|check\w*|status|crisis|test\w*|strips|"
            r"services?|program\w*|management"
        ),
    ),
    P("obesity", "(?:(?:morbidly|severely|clinically) )?obese"),
    P(
        "housing",
        "the homeless",
        not_after=r"shelters?|clinics?|services?|team|program\w*|hostel|cent(?:er|re)|outreach",
    ),
    P("housing", rf"homeless (?:{PEOPLE})"),
    P("custody", r"inmates?|felons?|ex[-\s]?con(?:s|victs?)?"),
    P(
        "urgent_visits",
        r"frequent[-\s]fl[yi]ers?|(?:high|super)[-\s]?utili[sz]ers?",
    ),
    P(
        "denies",
        "den(?:y|ies|ied|ying)",
        # What an insurer or a court denies, and what somebody is denied, is no report of symptoms.
        not_before=(
            "was|were|been|being|be|is|are|got|get|gets|getting|insurance|insurer|medicaid|"
            "medicare|plan|payer|company|pharmacy|court|judge|landlord|agency|claims?|"
            "authori[sz]ation|appeal|coverage|application|request"
        ),
        not_after=(
            r"by|(?:(?:the|her|his|their|a) )?(?:coverage|authori[sz]ation|prior|claims?|requests?|"
            r"application|appeal|visa|asylum|bail|parole|payment|access|entry|benefits?|"
            r"disability|housing|custody|insurance)"
        ),
    ),
    P(
        "claims",
        "claim(?:s|ed|ing)",
        before=rf"he|she|they|who|also|still|{RELATIVES}",
        not_after="data|form",
    ),
    P(
        "claims",
        "claim(?:s|ed|ing)",
        after="that|to|he|she|they|not",
        not_before="insurance|medical|pharmacy|medicaid|medicare",
    ),
    P(
        "person",
        r"(?:interesting|difficult|tough|hard|sad|challenging|complicated|complex|classic|"
        r"hopeless|fascinating|great|nice|good|tricky|textbook|bad|unusual|rare|typical|problem)"
        r"[-\s]cases?",
        not_after=r"manage\w*|work\w*|conferences?|presentations?|series|reports?|stud\w*|"
        r"definitions?|numbers?",
    ),
)
