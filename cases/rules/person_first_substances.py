"""Words about substance use that the person-first helper looks for; pure data.

Source: domain.md §10.4, after NIDA Words Matter [L24]. What to say instead, by key:
`person_first_words`.
"""

from typing import Final

from cases.rules.person_first_people import IS
from cases.rules.phrases import Phrase

P = Phrase

SUBSTANCE: Final = (
    "drugs?|substances?|polysubstance|alcohol|ethanol|etoh|opioids?|opiates?|heroin|cocaine|crack|"
    "meth|methamphetamines?|amphetamines?|stimulants?|cannabis|marijuana|fentanyl|oxycodone|"
    "benzodiazepines?|benzos?|prescriptions?|pills?|pain ?killers?|inhalants?|narcotics?|nicotine"
)

_LIST = rf"(?:{SUBSTANCE})(?:(?: and | or | & |/|, )(?:{SUBSTANCE})){{0,4}}"
_ILLNESS = (
    r"depress\w*|psycho\w*|mania|manic|mood|symptoms?|illness|schizo\w*|bipolar|ms|disease|"
    r"disorder|clinical|cancer|lymphoma|leuka?emia|hcv|hepatitis c|viral|virological|asthma|tb|"
    r"infection|anorexia|bulimia|anxiety|ptsd|ocd"
)

_OPIOIDS = "opioids?|opiates?|heroin|fentanyl|oxycodone|narcotics?"

SUBSTANCE_USE: Final = (
    # These stand before the wider rows that find the same words: of two equal finds the first stays.
    P("opioid_addict", rf"(?:{_OPIOIDS}) addicts?"),
    P(
        "opioid_addiction",
        rf"(?:{_OPIOIDS}) addictions?",
        not_after=r"medicine|psychiatr\w*|clinics?|services?|special\w*|program\w*",
    ),
    P("alcohol_abuse", r"(?:alcohol|ethanol|etoh)[-\s]abuse|alcoholism"),
    P("addict", rf"(?:(?:{SUBSTANCE}) )?addicts?|junk(?:ie|ies|y)"),
    P(
        "addict",
        rf"(?:(?:{SUBSTANCE}) )?users?",
        not_before=(
            "wheelchair|service|services|walker|cane|crutch|hearing aid|aid|computer|internet|"
            "phone|app|web|end|contraceptive|condom|insulin|cpap|oxygen|inhaler|sign language|"
            "iv|i\\.v\\.|intravenous|injection|injecting"
        ),
        not_after="manual|guide|friendly|name|interface",
    ),
    P(
        "addict",
        rf"(?:(?:{SUBSTANCE}) )?abusers?",
        # Somebody's abuser is the one who hurt them.
        not_before="her|his|their|my|your|our|sexual|child|domestic|emotional|physical|elder",
    ),
    P(
        "injects",
        r"(?:iv|i\.v\.|intravenous|injection|injecting) (?:drug )?(?:ab)?users?|ivdus?|ivdas?",
    ),
    P(
        "alcoholic",
        "alcoholics?",
        not_before="non",
        not_after=(
            r"hepatitis|cirrhosis|liver|fatty|steatohepatitis|beverages?|drinks?|ketoacidosis|"
            r"neuropathy|pancreatitis|cardiomyopathy|gastritis|myopathy|dementia|hallucinosis|"
            r"content"
        ),
    ),
    P(
        "alcoholic",
        "drunks?|drunkards?",
        not_before="has|have|had|having|never|ever|not|been|already|i've|they've",
        not_after=r"driv\w*|by",
    ),
    P(
        "former_addict",
        rf"(?:former|ex|reformed|recovering|recovered)[-\s](?:(?:{SUBSTANCE}) )?"
        r"(?:addicts?|alcoholics?|drunks?|junkies?|junkie|users?|abusers?|drinkers?)",
    ),
    P("former_addict", "reformed", before=IS),
    P("drug_abuse", rf"{_LIST}[-\s]abuse"),
    P(
        "drug_abuse",
        rf"abus(?:e|es|ed|ing) (?:of )?(?:(?:his|her|their|the|prescribed|illicit|multiple|many|"
        rf"street|recreational|iv) )*(?:{SUBSTANCE})",
    ),
    P("drug_abuse", rf"(?:{SUBSTANCE})[-\s]habits?|kick(?:s|ed|ing)? (?:the|his|her|their) habit"),
    P(
        "urine",
        r"(?:clean|dirty) (?:urines?|uas?|uds|utox|tox screens?|toxicology|drug screens?|"
        r"drug tests?|screens?|samples?|specimens?|tests?|results?)",
    ),
    P(
        "urine",
        r"(?:urines?(?: drug screens?| tests?)?|uas?|uds|utox|tox screens?|drug screens?|"
        r"drug tests?|screens?) (?:is|was|were|are|came back|comes back|remains?|remained|"
        r"has been|have been) (?:clean|dirty)",
    ),
    P("clean", r"clean and sober|clean time|clean since|clean from|clean off"),
    P("clean", r"clean", before=r"days|weeks|months|years|day|week|month|year"),
    P("clean", r"clean for", not_after=r"surgery|the (?:procedure|test|visit)"),
    P(
        "clean",
        r"(?:get|gets|got|getting|gotten|stay|stays|stayed|staying|been|came|come) clean",
        not_before="wound|incision|site|skin|house|home|room|it",
        not_after=r"about|needles?|clothes|clothing|water|equipment|catch|linen|and dry|air",
    ),
    P(
        "clean",
        "clean",
        before=IS,
        not_after=r"and (?:neat|tidy|well|dry|shaven|groomed|dressed)|shaven|cut|catch",
    ),
    P("moud", "MAT", exact=True),
    P("moud", "mat", before="on|started|offered|of", after="with|at|for|since|and|program|clinic"),
    P("moud", r"mat (?:clinics?|programs?|programmes?|treatment|providers?|patients?|waivers?)"),
    P("moud", r"medications?[-\s]assisted (?:treatments?|therap(?:y|ies)|recovery)"),
    P(
        "moud",
        r"(?:opioid|opiate|methadone|buprenorphine|drug|agonist)[-\s](?:substitution|replacement)"
        r"(?: (?:therap(?:y|ies)|treatments?|programs?|programmes?))?",
    ),
    P(
        "moud",
        r"(?:substitution|replacement) (?:therap(?:y|ies)|treatments?)",
        not_before=(
            "hormone|hormonal|oestrogen|estrogen|testosterone|androgen|thyroid|nicotine|enzyme|"
            "renal|kidney|fluid|volume|potassium|iron|vitamin|electrolyte|magnesium|steroid|factor|"
            "immunoglobulin|insulin"
        ),
    ),
    P(
        "newborn",
        r"(?:drug[-\s])?addicted (?:bab(?:y|ies)|newborns?|infants?|neonates?)|"
        r"(?:crack|drug|meth|heroin) bab(?:y|ies)|born addicted",
    ),
    P(
        "return_to_use",
        "relaps(?:e|es|ed|ing)|slipped up",
        not_before=_ILLNESS,
        not_after=rf"(?:of|in) (?:(?:his|her|their|the|major) )?(?:{_ILLNESS})|prevention|"
        r"signatures?|remitting|polychondritis|fever",
    ),
    P(
        "return_to_use",
        "slips?",
        before="a|another|one|two|brief|recent|occasional|no|few",
        not_after=r"and f[ae]lls?|of|on|in|down",
    ),
    P(
        "drug_seeking",
        r"(?:drug|med|meds|medication|pill|opioid|opiate|narcotic|benzo|substance)[-\s]"
        r"seek(?:ing|ers?|s)",
    ),
    P("detox", "detox(?:ed|es|ing)?"),
    P("unregulated", r"(?:recreational|street)[-\s](?:drugs?|substances?)"),
)
