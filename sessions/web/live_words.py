"""Every word the live room's scripts show; translated here, carried to the page as JSON."""

from server.edge import problems
from server.edge.i18n import N_, gettext
from sessions.rules.models import PhaseKind, ProblemArea

PHASES = {
    PhaseKind.WELCOME: N_("Welcome"),
    PhaseKind.INTRO: N_("Introductions"),
    PhaseKind.DIDACTIC: N_("Didactic"),
    PhaseKind.DIDACTIC_QA: N_("Questions on the didactic"),
    PhaseKind.PRESENTATION: N_("Case presentation"),
    PhaseKind.CLARIFY_SPOKES: N_("Clarify: spokes"),
    PhaseKind.CLARIFY_HUB: N_("Clarify: hub"),
    PhaseKind.RECOMMEND_SPOKES: N_("Recommend: spokes"),
    PhaseKind.RECOMMEND_HUB: N_("Recommend: hub"),
    PhaseKind.SUMMARY: N_("Summary"),
    PhaseKind.CLOSING: N_("Closing"),
    PhaseKind.EVALUATION: N_("Evaluation"),
}

AREAS = {
    ProblemArea.DIAGNOSIS: N_("Diagnosis"),
    ProblemArea.MEDICINE: N_("Medicine"),
    ProblemArea.DOSE: N_("Dose"),
    ProblemArea.MONITORING: N_("Monitoring"),
    ProblemArea.THERAPY: N_("Therapy"),
    ProblemArea.SUD: N_("Substance use"),
    ProblemArea.MEDICAL: N_("Medical condition"),
    ProblemArea.SAFETY: N_("Safety"),
    ProblemArea.SOCIAL: N_("Social needs"),
    ProblemArea.COORDINATION: N_("Coordination"),
    ProblemArea.SELF_MANAGEMENT: N_("Self-management"),
    ProblemArea.FAMILY_PEER: N_("Family and peers"),
    ProblemArea.SYSTEM: N_("System of care"),
}

WORDS = {
    "green_room": N_("Green room"),
    "ended": N_("The session has ended"),
    "case_n": N_("Case {n}"),
    "starts_in": N_("starts in {clock}"),
    "start_due": N_("can start"),
    "time_left": N_("{clock} left"),
    "time_over": N_("{clock} over"),
    "borrowed": N_("{clock} borrowed by what came before"),
    "extended": N_("{n} min added"),
    "next": N_("Next: {phase}"),
    "last": N_("Last phase"),
    "mute": N_("Mute"),
    "unmute": N_("Unmute"),
    "unmuted": N_("Your microphone is on."),
    "camera_on": N_("Stop camera"),
    "camera_off": N_("Camera is off"),
    "no_microphone": N_("No microphone"),
    "share": N_("Share screen"),
    "sharing": N_("Stop sharing"),
    "hand": N_("Raise hand"),
    "hand_up": N_("Hand is up, {place}"),
    "hand_waits": N_("Hand is up"),
    "hand_floor": N_("Give back the floor"),
    "pictures_on": N_("Pictures off"),
    "pictures_off": N_("Pictures on"),
    "muted": N_("muted"),
    "speaking": N_("speaking"),
    "weak": N_("weak line"),
    "you": N_("you"),
    "hub": N_("Hub"),
    "spoke": N_("Spoke"),
    "runs": N_("runs the session"),
    "presents": N_("presents"),
    "has_floor": N_("has the floor"),
    "speak_first": N_("speak first"),
    "waits_spokes": N_("waits for the spokes"),
    "waits_phase": N_("waits for this phase to end"),
    "nobody": N_("No hand is up."),
    "clarify": N_("clarify"),
    "recommend": N_("recommend"),
    "experience": N_("experience"),
    "tech": N_("technical help"),
    "you_are_next": N_("you are next"),
    "give_floor": N_("Give the floor"),
    "give_floor_to": N_("Give the floor to {name}"),
    "take_floor": N_("Done"),
    "take_floor_of": N_("{name} is done"),
    "hand_down": N_("Take my hand down"),
    "hand_down_of": N_("Take the hand of {name} down"),
    "hand_first_of": N_("Put {name} first"),
    "not_spoken": N_("has not spoken yet"),
    "no_lines": N_("No recommendation has been captured yet."),
    "useful": N_("Useful"),
    "unclear": N_("Unclear"),
    "not_feasible": N_("Not feasible here"),
    "presenter_says": N_("Presenter: {word}"),
    "new_line": N_("New recommendation from {name}, {clock}"),
    "held": N_("This looks like an identifier: “{text}”."),
    "held_fix": N_("Write “{text}” instead"),
    "held_reword": N_("Reword it; nothing was saved."),
    "no_case": N_("There is no case on screen."),
    "no_sheet": N_("The case sheet is not open to you."),
    "sheet_failed": N_("The case sheet could not be loaded. It is also on the case's own page."),
    "alert_identifier": N_("A possible identifier was spoken or shown."),
    "alert_safety": N_("Somebody raised a safety concern about the person in the case."),
    "alert_safety_do": N_(
        "This room is not an emergency service. If the person may be in danger now, assess today "
        "and use the local emergency pathway. Decide who calls before going on."
    ),
    "alert_identifier_do": N_(
        "Nothing is being recorded. Ask everybody not to repeat or write it down, then go on."
    ),
    "alert_sent": N_("The facilitator has been told."),
    "alert_close": N_("Dealt with"),
    "tech_calls": N_("needs technical help"),
    "joined": N_("{name} came in"),
    "left": N_("{name} left"),
    "phase_now": N_("Now: {phase}"),
    "floor_yours": N_("You have the floor."),
    "floor_of": N_("{name} has the floor."),
    "soft_muted": N_("Your microphone is off while others have the floor. Press m to speak."),
    "muted_hint": N_("You are muted."),
    "reconnecting": N_("The connection is lost."),
    "reconnect_in": N_("Next try in {n} s."),
    "reconnect_now": N_("Trying again…"),
    "retry": N_("Retry now"),
    "back_again": N_("The connection is back."),
    "moved": N_("You joined in another window. This one has stepped aside."),
    "removed": N_("You cannot be in this room any more."),
    "signed_out": N_("Your sign-in has ended. Sign in again to come back; your place is kept."),
    "come_back": N_("Use this window"),
    "sign_in": N_("Sign in"),
    "media_down": N_("Picture and sound are down. Everything else works."),
    "media_lost": N_("Picture and sound are coming back…"),
    "media_text_only": N_("You are here without sound and picture. Everything else works."),
    "media_refused": N_(
        "The browser gave no access to camera or microphone. You can join without them, or allow "
        "them in the address bar and try again."
    ),
    "media_none": N_("No camera or microphone was found. You can join without them."),
    "media_busy": N_("Another program uses the camera or microphone. Close it and try again."),
    "media_ok": N_("This is how you will be seen. Speak: the bar should move."),
    "media_off": N_("You will listen and watch; nothing of yours is sent."),
    "echo": N_("Record 3 seconds and play them"),
    "echo_recording": N_("Speak now…"),
    "echo_playing": N_("This is you."),
    "device_default": N_("Default"),
    "device_n": N_("Device {n}"),
    "alone": N_("Nobody is here yet."),
    "here_n": N_("In the room: {names}"),
    "everybody": N_("+{n}"),
    "people_n": N_("People {n}"),
    "lines_n": N_("Recommendations {n}"),
    "queue_n": N_("Queue {n}"),
    "offline": N_("The server cannot be reached. It is tried again by itself."),
    "signal_good": N_("Connection: good"),
    "signal_fair": N_("Connection: fair"),
    "signal_poor": N_("Connection: poor"),
    "joining": N_("Joining…"),
}
"""Key → English; `{name}` is filled in by the script (static/live/words.js)."""

problems.register(
    {
        "room.not_here": (
            N_("You are not in the room"),
            N_("Join again; your place is kept for two minutes."),
        ),
        "room.not_yours": (
            N_("This is not yours to do"),
            N_("Ask whoever runs the session."),
        ),
        "room.rules_first": (
            N_("Read the rules of the room first"),
            N_("Accept the card, then go on."),
        ),
        "room.not_live": (
            N_("The session is not running"),
            N_("Wait until it starts."),
        ),
        "room.already_started": (N_("The session runs already"), N_("Go on with Next.")),
        "room.no_agenda": (
            N_("This session has no agenda"),
            N_("Add items on the session's page, then start."),
        ),
        "room.phase_moved": (
            N_("The phase had moved already"),
            N_("Look at the top of the room before you press again."),
        ),
        "room.last_phase": (N_("This is the last phase"), N_("End the session when it is over.")),
        "room.first_phase": (N_("This is the first phase"), N_("There is nothing before it.")),
        "room.has_floor": (N_("You have the floor"), N_("Give it back before you raise a hand.")),
        "room.no_hand": (N_("That hand is down"), N_("It was lowered in the meantime.")),
        "room.bad_place": (N_("There is no such place"), N_("Choose a place in the queue.")),
        "room.listener": (
            N_("This person listens only"),
            N_("Learners cannot be given the floor."),
        ),
        "room.hands_held": (
            N_("Hands wait in this phase"),
            N_("Go to the next phase, then give the floor."),
        ),
        "room.hub_locked": (
            N_("The spokes speak first"),
            N_("Go to the hub's phase, or let the hub in early."),
        ),
        "room.no_case_yet": (
            N_("No case has been presented yet"),
            N_("Lines are captured from the presentation on."),
        ),
        "room.lines_closed": (
            N_("The list is read only now"),
            N_("In the summary nothing is added. Go back a phase to add a line."),
        ),
        "room.no_speaker": (N_("Nobody of that name is here"), N_("Choose who said it.")),
        "room.own_lines_only": (
            N_("You can note what you said yourself"),
            N_("The scribe writes down what others say."),
        ),
        "room.empty_line": (N_("There is nothing to save"), N_("Write what was recommended.")),
        "room.no_line": (N_("That line is gone"), N_("Look at the list again.")),
        "room.not_summary": (
            N_("Reactions belong to the summary"),
            N_("Wait until the facilitator sums up this case."),
        ),
        "room.presenter_only": (
            N_("Only the presenter says this"),
            N_("Tell the presenter what you think."),
        ),
        "room.too_many_alerts": (
            N_("The facilitator has many alerts already"),
            N_("Speak up if it is urgent."),
        ),
        "room.ended": (N_("The session has ended"), N_("Look at the session's page.")),
        "room.full": (N_("The room is full"), N_("Try again when somebody has left.")),
        "room.ticket_expired": (
            N_("The way in has expired"),
            N_("Load the page again and join."),
        ),
        "room.dismissed": (N_("You are not in the room any more"), N_("Load the page again.")),
        "room.try_again": (N_("The room was busy"), N_("Try again.")),
        "socket.too_many": (
            N_("You are connected three times already"),
            N_("Close a window of this site, then try again."),
        ),
        "socket.unknown_event": (
            N_("The server does not know this"),
            N_("Load the page again: it may be older than the server."),
        ),
        "socket.bad_payload": (
            N_("The server could not read this"),
            N_("Load the page again: it may be older than the server."),
        ),
        "capture.one_line": (N_("That is more than one line"), N_("Write it as one line.")),
    }
)


def words() -> dict[str, str]:
    """Return every word, translated for this request."""
    out = {key: gettext(text) for key, text in WORDS.items()}
    out |= {f"phase.{kind.value}": gettext(text) for kind, text in PHASES.items()}
    return out


def areas() -> tuple[tuple[str, str], ...]:
    """Return the problem areas with their labels."""
    return tuple((area.value, gettext(text)) for area, text in AREAS.items())
