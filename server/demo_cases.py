"""The invented cases of the demonstration (domain.md §11), as they are typed.

Doses are demonstration text for clinicians to check, not advice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cases.commands.forms import Question, Wanted
from cases.rules.fields import Module
from cases.rules.form import switchable
from cases.rules.form_setup import FormSetup

Typed = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DemoLine:
    """One recommendation as it was spoken: who, about what, when on the case clock (seconds)."""

    speaker: str
    area: str
    seconds: int
    text: str


@dataclass(frozen=True, slots=True)
class DemoCase:
    """One case: who presents it, what is typed, what was recommended.

    `days` is the session it is presented in, counted from today; None means that it waits.
    """

    key: str
    presenter: str
    days: int | None
    typed: Typed
    lines: tuple[DemoLine, ...] = ()


def _base(**changes: Any) -> Typed:
    typed: Typed = {
        "urgency": "routine",
        "presenter_discipline": "np",
        "setting": "rural_clinic",
        "area": "rural",
        "person_aware": "agreed",
        "function_impact": "moderate",
        "admissions_lifetime": "0",
        "suicide_history": "none_known",
        "mania_screen": "asked_negative",
        "medical_history": ["none"],
        "allergies": "none known",
        "trauma_exposure": "no",
        "sleep": ["staying"],
        "barriers": ["none"],
        "sdoh_asked": "none",
        "past_treatments.none": "yes",
        "medications.none": "yes",
        "psych_history": "No earlier treatment that we know of.",
        "attest_deid": "yes",
        "attest_treating": "yes",
        "attest_no_relationship": "yes",
    }
    for key, value in changes.items():
        path = key.replace("__", ".")
        if value is None:
            typed.pop(path, None)
        else:
            typed[path] = value
    return typed


def _phq9(*items: int) -> Typed:
    return {f"phq9.{n}": str(v) for n, v in enumerate(items, 1)} | {"phq9.weeks_ago": "1"}


def _gad7(*items: int) -> Typed:
    return {f"gad7.{n}": str(v) for n, v in enumerate(items, 1)} | {"gad7.weeks_ago": "1"}


def _medicine(row: int, name: str, dose: str, freq: str, weeks: str, *, unit: str = "mg") -> Typed:
    return {
        f"medications.{row}.name": name,
        f"medications.{row}.dose": dose,
        f"medications.{row}.unit": unit,
        f"medications.{row}.route": "PO",
        f"medications.{row}.freq": freq,
        f"medications.{row}.weeks": weeks,
    }


def _diagnosis(row: int, label: str, status: str = "active") -> Typed:
    return {f"diagnoses.{row}.label": label, f"diagnoses.{row}.status": status}


def _form(*modules: Module, own: tuple[Question, ...] = ()) -> Wanted:
    optional = switchable(FormSetup(modules=modules))
    return Wanted(
        modules=frozenset(modules),
        asked=frozenset(asked.key for asked in optional),
        own=own,
        minors=False,
        attachments=True,
        pc_ptsd5_cut_off=4,
        monitoring="A",
    )


FORMS: Mapping[str, Wanted] = {
    "BH": _form(Module.BH),
    "SU": _form(
        Module.SUD,
        Module.HCV,
        own=(
            Question(
                "",
                "choice",
                "Is there a pharmacy nearby that keeps buprenorphine?",
                "",
                ("Yes", "No", "Not known"),
                required=False,
            ),
        ),
    ),
    "WH": _form(Module.SMI),
}
"""How each programme sets up its case form, by code."""

CASES = (
    DemoCase(
        "BH-01",
        "marisol",
        -42,
        _base(
            medications__none=None,
            main_question="What is the next step for depression while she is breastfeeding?",
            question_types=["dose_change", "therapy"],
            age="34",
            sex_for_formulas="female",
            pregnancy="breastfeeding",
            goal_own_words="I want to enjoy my baby again.",
            how_do_you_feel="3",
            strengths=["family", "motivation"],
            presenting_problem=(
                "Low mood since the birth four months ago, tearful on most days, wakes early and"
                " cannot get back to sleep. Appetite is poor. Bonding is good and she is never"
                " alone with frightening thoughts. Sertraline helped a little after six weeks."
            ),
            duration__amount="16",
            duration__unit="weeks",
            psych_history="One episode of depression ten years ago, treated with talking therapy.",
        )
        | _diagnosis(0, "Depression after birth")
        | _medicine(0, "sertraline", "50", "daily", "6")
        | _phq9(2, 3, 2, 2, 2, 2, 2, 2, 0)
        | _gad7(2, 2, 2, 2, 2, 1, 1),
        (
            DemoLine("hugh", "diagnosis", 571, "Screen for bipolar disorder before the dose goes"
                     " up: ask about days of little need for sleep."),
            DemoLine("aiko", "monitoring", 606, "Check TSH: thyroid trouble is common after a"
                     " birth and looks like this."),
            DemoLine("imani", "dose", 702, "Raise sertraline to 100 mg daily; it is well studied"
                     " in breastfeeding."),
            DemoLine("delphine", "therapy", 760, "Start weekly behavioural activation with the"
                     " behavioural health consultant."),
        ),
    ),
    DemoCase(
        "BH-02",
        "hugh",
        -28,
        _base(
            presenter_discipline="physician",
            setting="fqhc",
            area="small_town",
            medications__none=None,
            main_question="Which should we treat first, his sugar or his mood?",
            question_types=["comorbidity", "social_need"],
            age="58",
            sex_for_formulas="male",
            goal_own_words="I want to walk with my grandchildren without getting tired.",
            how_do_you_feel="4",
            strengths=["family", "work"],
            presenting_problem=(
                "Type 2 diabetes for nine years, HbA1c 9.4 at the last visit, and low mood for"
                " about a year. Skips insulin when there is no food in the house. Sleeps badly,"
                " has given up fishing. No thoughts of dying."
            ),
            duration__amount="12",
            duration__unit="months",
            medical_history=["diabetes", "hypertension"],
            barriers=["transport", "food_income"],
            sdoh_asked="needs",
            sdoh_needs=["food", "transport"],
        )
        | _diagnosis(0, "Depression")
        | _diagnosis(1, "Type 2 diabetes")
        | _medicine(0, "metformin", "1000", "BID", "150")
        | _phq9(2, 2, 2, 2, 2, 2, 2, 1, 0),
        (
            DemoLine("marisol", "social", 540, "Refer to the food programme through the care"
                     " manager this week, with a call together."),
            DemoLine("tobias", "medical", 655, "Treat both to target at the same time; waiting"
                     " for one holds back the other."),
            DemoLine("priya", "monitoring", 690, "Repeat PHQ-9 and look at glucose readings"
                     " every 4 weeks until both are at goal."),
            DemoLine("delphine", "social", 731, "Book transport with each visit; make it the care"
                     " manager's task."),
        ),
    ),
    DemoCase(
        "BH-03",
        "aiko",
        -14,
        _base(
            presenter_discipline="student",
            setting="student_faculty",
            area="urban",
            main_question="Is this first-episode psychosis, and what should happen this week?",
            question_types=["diagnosis", "coordination"],
            urgency="soon",
            age="22",
            sex_for_formulas="male",
            goal_own_words="I want to go back to my classes.",
            how_do_you_feel="4",
            strengths=["family", "skills"],
            presenting_problem=(
                "Hears two voices talking about him for five months, has stopped seeing friends"
                " and left his course. Smokes cannabis every day, which began long before the"
                " voices. No fever, no seizures. A parent is worried and comes along."
            ),
            duration__amount="5",
            duration__unit="months",
            function_impact="severe",
            sleep=["falling"],
        )
        | _diagnosis(0, "Psychosis, first episode", "suspected")
        | _phq9(1, 1, 2, 1, 1, 1, 2, 0, 0),
        (
            DemoLine("marisol", "family_peer", 520, "Invite the parent to every visit; offer a"
                     " family session early."),
            DemoLine("imani", "coordination", 640, "Refer to an early-psychosis service within 7"
                     " days, by phone, not by form."),
            DemoLine("priya", "monitoring", 688, "Take weight, waist, fasting glucose and lipids"
                     " before the first dose of any antipsychotic."),
            DemoLine("tobias", "sud", 725, "Talk about cannabis without blame: agree on days"
                     " without it and look at the voices together."),
        ),
    ),
    DemoCase(
        "BH-04",
        "marisol",
        -42,
        _base(
            main_question="Is this grief or depression, and may I start a medicine?",
            question_types=["diagnosis", "start_medicine"],
            age="71",
            sex_for_formulas="female",
            goal_own_words="I would like to sleep and to eat with others again.",
            how_do_you_feel="3",
            strengths=["faith", "friends"],
            presenting_problem=(
                "Lost her husband eight months ago. Eats little, sleeps three hours, sits alone"
                " at home. On some days thinks it would be easier not to wake up; has no plan"
                " and no means at hand. Goes to her prayer group when somebody drives."
            ),
            duration__amount="8",
            duration__unit="months",
            sleep=["falling", "early"],
            safety_ack="yes",
            safety_assessed="today",
            safety_plan="yes",
            safety_means="yes",
            safety_referred="no",
        )
        | _diagnosis(0, "Depression", "suspected")
        | _phq9(2, 2, 3, 2, 2, 1, 1, 0, 1),
        (
            DemoLine("hugh", "safety", 498, "Assess risk again today and write a safety plan"
                     " together; ask about means at home."),
            DemoLine("imani", "medicine", 610, "Consider a low dose of an antidepressant that"
                     " helps sleep and appetite, at night."),
            DemoLine("rosa", "family_peer", 655, "Offer a check-in call within 7 days by a peer"
                     " supporter, then every week."),
        ),
    ),
    DemoCase(
        "BH-05",
        "hugh",
        -28,
        _base(
            presenter_discipline="physician",
            setting="fqhc",
            area="small_town",
            medications__none=None,
            main_question="How can we come off alprazolam safely after six years?",
            question_types=["stopping", "therapy"],
            age="45",
            sex_for_formulas="female",
            pregnancy="no",
            goal_own_words="I want to stop being afraid of running out of tablets.",
            how_do_you_feel="5",
            strengths=["work", "motivation"],
            presenting_problem=(
                "Alprazolam three times a day for six years after an assault. Nightmares on most"
                " nights, startles easily, avoids crowds. Two earlier tries to stop quickly ended"
                " with shaking and no sleep. Drinks no alcohol."
            ),
            duration__amount="6",
            duration__unit="years",
            trauma_exposure="yes",
            sleep=["nightmares"],
        )
        | _diagnosis(0, "Post-traumatic stress disorder")
        | _medicine(0, "alprazolam", "1", "TID", "312")
        | _gad7(2, 2, 2, 2, 2, 2, 3),
        (
            DemoLine("marisol", "self_management", 515, "Agree on the pace together and write it"
                     " down: she decides when to pause."),
            DemoLine("priya", "dose", 600, "Lower the dose by 5–10 % each 2–4 weeks; never stop"
                     " abruptly."),
            DemoLine("imani", "therapy", 671, "Start an SSRI and refer for trauma-focused"
                     " therapy before the taper goes deep."),
        ),
    ),
    DemoCase(
        "BH-06",
        "marisol",
        0,
        _base(
            medications__none=None,
            main_question="Could this be bipolar disorder, and what do I do with escitalopram?",
            question_types=["diagnosis", "side_effect"],
            urgency="soon",
            age="29",
            sex_for_formulas="male",
            goal_own_words="I feel great, but my partner says I am not myself.",
            how_do_you_feel="9",
            strengths=["family", "work"],
            presenting_problem=(
                "Five days of two to three hours of sleep without feeling tired, fast speech, many"
                " new plans, money spent on tools. Began four weeks after escitalopram went to 20"
                " mg for depression. No voices, eats and drinks. The partner came along."
            ),
            duration__amount="5",
            duration__unit="days",
            mania_screen="asked_positive",
            sleep=["little_need"],
        )
        | _diagnosis(0, "Depression")
        | _diagnosis(1, "Bipolar disorder", "suspected")
        | _medicine(0, "escitalopram", "20", "daily", "8")
        | _phq9(0, 1, 2, 0, 1, 0, 2, 2, 0),
    ),
    DemoCase(
        "BH-07",
        "hugh",
        0,
        _base(
            presenter_discipline="physician",
            setting="fqhc",
            area="small_town",
            medications__none=None,
            main_question="What can I offer for anxiety that does not sedate or slow breathing?",
            question_types=["start_medicine", "comorbidity"],
            age="62",
            sex_for_formulas="male",
            goal_own_words="I want to climb the stairs without panic.",
            how_do_you_feel="4",
            strengths=["past_success", "family"],
            presenting_problem=(
                "Worry all day and attacks of fear with every breathless moment. COPD, uses two"
                " inhalers, stopped smoking three years ago. Has been offered a benzodiazepine in"
                " urgent care and is afraid of it."
            ),
            duration__amount="10",
            duration__unit="months",
            medical_history=["copd_asthma"],
        )
        | _diagnosis(0, "Generalised anxiety disorder")
        | _medicine(0, "tiotropium", "18", "daily", "100", unit="mcg")
        | _gad7(3, 2, 2, 2, 2, 2, 3),
    ),
    DemoCase(
        "BH-08",
        "marisol",
        None,
        _base(
            main_question="How do I talk about alcohol when pain is her main concern?",
            question_types=["therapy", "sud_treatment"],
            age="51",
            sex_for_formulas="female",
            pregnancy="no",
            goal_own_words="I want a day without pain.",
            how_do_you_feel="4",
            strengths=["friends"],
            presenting_problem=(
                "Back pain for years, worse since she changed jobs at the start of spring. Two"
                " glasses of wine on most evenings, more at weekends, to get to sleep. Low mood"
                " comes and goes with the pain."
            ),
            duration__amount="3",
            duration__unit="years",
            medical_history=["chronic_pain"],
            sleep=["falling"],
        )
        | _diagnosis(0, "Chronic pain")
        | _phq9(1, 1, 2, 2, 1, 1, 1, 0, 0),
    ),
)  # fmt: skip

RETURNED_COMMENT = (
    "Thank you, a good question. The start of spring tells the month: say how many weeks or months"
    " ago instead, and send it again."
)
