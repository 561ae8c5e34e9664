/** The case sheet: fetched as a page fragment for the case on screen, never part of the room's state. */
import { make, need } from "core/dom.js";
import { currentStep, isCase } from "live/room-state.js";
import { say } from "live/words.js";

/** @typedef {import("live/room-state.js").State} State */

let shown = "";

/** @param {State} state */
export function drawSheet(state) {
  const step = currentStep(state);
  const wanted = step && isCase(step.kind) ? (step.case ?? "hidden") : "";
  if (wanted === shown) return;
  shown = wanted;
  need("#question", HTMLElement).hidden = true;
  const sheet = need("#sheet", HTMLElement);
  if (!wanted) sheet.replaceChildren(make("p", { class: "soft" }, say("no_case")));
  else if (wanted === "hidden") sheet.replaceChildren(make("p", { class: "soft" }, say("no_sheet")));
  else void load(wanted, sheet);
}

/** Fetch the sheet again: its text may have been erased while it was on screen. */
export function redrawSheet() {
  if (!shown || shown === "hidden") return;
  need("#question", HTMLElement).hidden = true;
  need("#question-text", HTMLElement).textContent = "";
  const sheet = need("#sheet", HTMLElement);
  sheet.replaceChildren();
  void load(shown, sheet);
}

/** @param {string} id @param {HTMLElement} sheet */
async function load(id, sheet) {
  const page = await fragment(`/cases/${encodeURIComponent(id)}/brief`);
  if (shown !== id) return;
  if (typeof page === "number") {
    sheet.replaceChildren(make("p", { class: "soft" }, say(page === 403 || page === 404 ? "no_sheet" : "sheet_failed")));
    return;
  }
  sheet.replaceChildren(...[...page.body.childNodes].map((node) => document.importNode(node, true)));
  const question = sheet.querySelector(".question");
  if (question?.textContent) {
    need("#question-text", HTMLElement).textContent = question.textContent;
    need("#question", HTMLElement).hidden = false;
  }
}

/**
 * Fetch a fragment as a document. The browser's own loader parses it (its scripts never run), so
 * that no string of ours is ever turned into markup.
 * @param {string} url
 * @returns {Promise<Document | number>} the HTTP status when there is no document
 */
function fragment(url) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("GET", url);
    request.responseType = "document";
    request.setRequestHeader("Accept", "text/html");
    request.addEventListener("loadend", () => {
      const page = request.response;
      resolve(request.status === 200 && page instanceof Document ? page : request.status);
    });
    request.send();
  });
}
