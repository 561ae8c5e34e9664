"""The invented people of the demonstration (domain.md §11), plus a learner and an administrator."""

from dataclasses import dataclass

from server.kit.actor import Role

HUB = "Highmesa University Telementoring Hub"
SPOKES = (
    "Juniper Flat Rural Clinic",
    "Three Rivers FQHC",
    "Cottonwood Student-Faculty Clinic",
    "Lakeshore Community Mental Health",
    "Kivuli Health Centre",
)
DENVER = "America/Denver"


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """One invented person; `roles` by programme code."""

    key: str
    name: str
    credentials: str
    discipline: str
    organisation: str
    zone: str
    shown_as: str
    roles: dict[str, tuple[Role, ...]]
    platform_admin: bool = False

    @property
    def email(self) -> str:
        """Return an address in a domain that cannot exist (RFC 2606)."""
        return f"{self.key}@demo.invalid"


DIRECTOR = (Role.DIRECTOR, Role.FACILITATOR, Role.HUB_SPECIALIST)
SPECIALIST = (Role.HUB_SPECIALIST,)
CLINICIAN = (Role.SPOKE_CLINICIAN,)

PEOPLE = (
    DemoPerson(
        "imani", "Imani Okafor-Reyes", "MD", "physician", HUB, DENVER,
        "programme director, facilitator",
        {"BH": DIRECTOR, "SU": SPECIALIST, "WH": DIRECTOR},
    ),
    DemoPerson(
        "tobias", "Tobias Lindqvist", "MD", "physician", HUB, DENVER,
        "hub specialist, addiction medicine",
        {"BH": SPECIALIST, "SU": DIRECTOR, "WH": SPECIALIST},
    ),
    DemoPerson(
        "priya", "Priya Venkataraman", "PharmD", "pharmacist", HUB, DENVER,
        "hub specialist, pharmacy",
        {"BH": SPECIALIST, "SU": SPECIALIST, "WH": SPECIALIST},
    ),
    DemoPerson(
        "delphine", "Delphine Marchetti", "LCSW", "social_worker", HUB, DENVER,
        "hub specialist, social work",
        {"BH": SPECIALIST, "SU": SPECIALIST, "WH": SPECIALIST},
    ),
    DemoPerson(
        "sam", "Sam Whitlock", "", "other", HUB, DENVER,
        "coordinator",
        dict.fromkeys(("BH", "SU", "WH"), (Role.COORDINATOR,)),
    ),
    DemoPerson(
        "marisol", "Marisol Quintana", "NP", "np", SPOKES[0], DENVER,
        "spoke clinician, presents cases",
        {"BH": CLINICIAN, "SU": CLINICIAN},
    ),
    DemoPerson(
        "hugh", "Hugh Abernathy", "MD", "physician", SPOKES[1], "America/New_York",
        "spoke clinician",
        {"BH": CLINICIAN, "SU": CLINICIAN, "WH": CLINICIAN},
    ),
    DemoPerson(
        "aiko", "Aiko Tanabe", "", "student", SPOKES[2], "America/Los_Angeles",
        "spoke team, student",
        {"BH": (Role.SPOKE_TEAM,)},
    ),
    DemoPerson(
        "jean-bosco", "Jean-Bosco Mugisha", "RN", "rn", SPOKES[4], "Africa/Kigali",
        "spoke team, nurse mentor",
        {"BH": (Role.SPOKE_TEAM,), "WH": (Role.SPOKE_TEAM,)},
    ),
    DemoPerson(
        "rosa", "Rosa Delgado-Finch", "CPS", "peer", SPOKES[3], DENVER,
        "lived-experience adviser",
        {"BH": (Role.ADVISER,), "SU": (Role.ADVISER,), "WH": (Role.ADVISER,)},
    ),
    DemoPerson(
        "noor", "Noor Haddad", "", "student", SPOKES[2], "America/Chicago",
        "learner",
        {"BH": (Role.LEARNER,), "SU": (Role.LEARNER,)},
    ),
    DemoPerson(
        "lena", "Lena Osei", "", "other", HUB, DENVER,
        "platform administrator",
        {},
        platform_admin=True,
    ),
)  # fmt: skip
