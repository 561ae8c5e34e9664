/**
 * Attachments: a progress bar while a file is sent and while its pages are checked, and a rectangle
 * drawn on a page instead of typed. Without this the page is a plain form that loads itself anew.
 */
import { announce } from "core/announce.js";
import { all, data, need } from "core/dom.js";
import { get } from "core/http.js";

const POLL_MS = 2500;
const words = /** @type {Record<string, string>} */ (data("upload-words") ?? {});

/** @param {string} key @param {Record<string, number>} [values] */
function say(key, values = {}) {
  return (words[key] ?? "").replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/** @param {HTMLFormElement} form */
function wireUpload(form) {
  const input = need('input[type="file"]', HTMLInputElement, form);
  const button = need('button[type="submit"]', HTMLButtonElement, form);
  const sending = need("[data-sending]", HTMLElement, form);
  const bar = need("progress", HTMLProgressElement, sending);
  const line = need("p", HTMLElement, sending);
  const problem = need("[data-problem]", HTMLElement, form);
  const key = need('input[name="idempotency"]', HTMLInputElement, form);
  const first = key.value;
  let tries = 0;

  /** @param {string} sentence */
  function stop(sentence) {
    sending.hidden = true;
    button.disabled = false;
    problem.textContent = sentence;
    problem.hidden = false;
    tries += 1;
    key.value = `${first}.${tries}`; // another file is another deed
  }

  /** @returns {boolean} */
  const tooLarge = () => (input.files?.[0]?.size ?? 0) > Number(form.dataset.most);

  input.addEventListener("change", () => {
    problem.hidden = !tooLarge();
    problem.textContent = tooLarge() ? say("too_large") : "";
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (button.disabled) return;
    if (tooLarge()) {
      stop(say("too_large"));
      return;
    }
    problem.hidden = true;
    sending.hidden = false;
    button.disabled = true;
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (progress) => {
      const percent = Math.floor((100 * progress.loaded) / (progress.total || 1));
      bar.value = percent;
      line.textContent = say("sending", { percent });
    });
    request.upload.addEventListener("load", () => {
      bar.removeAttribute("value");
      line.textContent = say("opening");
    });
    request.addEventListener("error", () => stop(say("lost")));
    request.addEventListener("load", () => {
      const next = request.getResponseHeader("Location");
      if (request.status === 201 && next) {
        location.assign(next);
        return;
      }
      stop(refusal(request.responseText));
    });
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.send(new FormData(form));
  });
}

/** @param {string} text what the server answered @returns {string} why, in words */
function refusal(text) {
  try {
    const answer = JSON.parse(text);
    return `${answer.title}. ${answer.detail}`;
  } catch {
    return say("lost");
  }
}

/** @param {HTMLProgressElement} bar */
function wireReading(bar) {
  const line = need("[data-reading-words]", HTMLElement);
  async function look() {
    const answer = await get(bar.dataset.reading ?? "");
    if (answer.ok) {
      const { read, pages } = /** @type {{read: number, pages: number}} */ (answer.value);
      bar.max = pages;
      if (bar.value !== read) line.textContent = say("checked", { n: read, all: pages });
      bar.value = read;
      if (read === pages) {
        announce(say("ready"));
        // Somebody who types or reads a message is not interrupted.
        if (!document.querySelector("details[open], [data-sending]:not([hidden])")) location.reload();
        return;
      }
    }
    setTimeout(look, POLL_MS);
  }
  setTimeout(look, POLL_MS);
}

/** @param {HTMLFormElement} form draws its rectangle on the page it belongs to */
function wireBox(form) {
  const sheet = form.closest(".page-sheet");
  const frame = sheet?.querySelector(".page-frame");
  if (!(frame instanceof HTMLElement)) return;
  const picture = need("img", HTMLImageElement, frame);
  const number = (/** @type {string} */ name) => need(`input[name="${name}"]`, HTMLInputElement, form);
  const fields = { left: number("left"), top: number("top"), width: number("width"), height: number("height") };
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "page-marks");
  svg.setAttribute("viewBox", "0 0 100 100");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  rect.setAttribute("class", "page-box-drawn");
  svg.append(rect);
  frame.append(svg);
  const box = /** @type {HTMLDetailsElement} */ (form.closest("details"));
  picture.draggable = false;

  function show() {
    rect.setAttribute("x", fields.left.value || "0");
    rect.setAttribute("y", fields.top.value || "0");
    rect.setAttribute("width", fields.width.value || "0");
    rect.setAttribute("height", fields.height.value || "0");
    svg.toggleAttribute("hidden", !box.open);
    frame?.classList.toggle("is-drawing", box.open);
  }

  /** @type {{x: number, y: number} | null} */
  let from = null;
  /** @param {PointerEvent} event */
  function at(event) {
    const place = picture.getBoundingClientRect();
    const within = (/** @type {number} */ v) => Math.min(100, Math.max(0, Math.round(v * 1000) / 10));
    return {
      x: within((event.clientX - place.left) / place.width),
      y: within((event.clientY - place.top) / place.height),
    };
  }
  frame.addEventListener("pointerdown", (event) => {
    if (!box.open || event.button !== 0) return;
    from = at(event);
    frame.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  frame.addEventListener("pointermove", (event) => {
    if (!from) return;
    const to = at(event);
    fields.left.value = Math.min(from.x, to.x).toFixed(1);
    fields.top.value = Math.min(from.y, to.y).toFixed(1);
    fields.width.value = Math.abs(from.x - to.x).toFixed(1);
    fields.height.value = Math.abs(from.y - to.y).toFixed(1);
    show();
  });
  for (const end of /** @type {const} */ (["pointerup", "pointercancel"])) {
    frame.addEventListener(end, () => {
      from = null;
    });
  }
  form.addEventListener("input", show);
  box.addEventListener("toggle", show);
  show();
}

const upload = document.querySelector("form[data-attach]");
if (upload instanceof HTMLFormElement) wireUpload(upload);
const reading = document.querySelector("progress[data-reading]");
if (reading instanceof HTMLProgressElement) wireReading(reading);
for (const form of all("form[data-box]", HTMLFormElement)) wireBox(form);
