/** The live page before one joins: devices, who is here, the door. The room itself is fetched then. */
import { make, need } from "core/dom.js";
import { get } from "core/http.js";
import { Devices, echo, meter, remember, remembered } from "live/devices.js";
import { boot, say } from "live/words.js";

/** @typedef {import("live/devices.js").Choices} Choices */

const devices = new Devices();
const form = need("#join-form", HTMLFormElement);
const joinButton = need("#join", HTMLButtonElement);
const speaks = document.getElementById("f-microphone") !== null;
/** @type {Choices} */
const choices = speaks ? remembered() : { ...remembered(), mode: "listen" };
let endMeter = () => {};
let joined = false;

/** @param {string} name */
function initials(name) {
  return name.split(/\s+/).map((part) => part[0] ?? "").slice(0, 2).join("").toUpperCase();
}

/** Show what was got. */
function preview() {
  const video = need("#preview", HTMLVideoElement);
  video.hidden = devices.video === null;
  video.srcObject = devices.video ? new MediaStream([devices.video]) : null;
  need("#preview-initials", HTMLElement).hidden = devices.video !== null;
  if (!speaks) return;
  need("#preview-note", HTMLElement).textContent = say(`media_${devices.outcome}`);
  const level = need("#preview-level", HTMLMeterElement);
  endMeter();
  endMeter = () => {};
  level.value = 0;
  if (devices.audio) endMeter = meter(devices.audio, (value) => (level.value = value));
  need("#echo", HTMLButtonElement).hidden = devices.audio === null || !("MediaRecorder" in globalThis);
  void fill("f-microphone", "audioinput", choices.microphone);
  void fill("f-camera", "videoinput", choices.camera);
}

/**
 * @param {string} id @param {"audioinput" | "videoinput"} kind @param {string} chosen
 */
async function fill(id, kind, chosen) {
  const select = need(`#${id}`, HTMLSelectElement);
  const found = await devices.list(kind);
  const options = found.map((device, n) =>
    make("option", { value: device.deviceId, selected: device.deviceId === chosen }, device.label || say("device_n", { n: n + 1 })));
  select.replaceChildren(make("option", { value: "" }, say("device_default")), ...options);
}

function read() {
  const mode = form.querySelector('input[name="mode"]:checked');
  if (mode instanceof HTMLInputElement) choices.mode = /** @type {Choices["mode"]} */ (mode.value);
  choices.microphone = need("#f-microphone", HTMLSelectElement).value || choices.microphone;
  choices.camera = need("#f-camera", HTMLSelectElement).value || choices.camera;
  choices.muted = need("#join-muted", HTMLInputElement).checked;
  need("#device-fields", HTMLElement).hidden = choices.mode === "listen";
}

function startDevices() {
  const picked = form.querySelector('input[name="mode"]:checked');
  if (picked instanceof HTMLInputElement && !picked.defaultChecked) {
    // Chosen before this script had come: that counts, not what is remembered.
    choices.mode = /** @type {Choices["mode"]} */ (picked.value);
  }
  const mode = form.querySelector(`input[name="mode"][value="${choices.mode}"]`);
  if (mode instanceof HTMLInputElement) mode.checked = true;
  need("#join-muted", HTMLInputElement).checked = choices.muted;
  need("#device-fields", HTMLElement).hidden = choices.mode === "listen";
  form.addEventListener("change", (event) => {
    read();
    const device = event.target instanceof HTMLElement && !["join-muted", "join-hidden"].includes(event.target.id);
    if (device) void devices.open(choices);
  });
  need("#echo", HTMLButtonElement).addEventListener("click", async ({ currentTarget }) => {
    if (!devices.audio || !(currentTarget instanceof HTMLButtonElement)) return;
    const label = need(".button-label", HTMLElement, currentTarget);
    currentTarget.disabled = true;
    label.textContent = say("echo_recording");
    await echo(devices.audio, () => (label.textContent = say("echo_playing")));
    label.textContent = say("echo");
    currentTarget.disabled = false;
  });
}

/** Whoever hides the address hides it from the first packet on, and next time too. */
function askHidden() {
  const box = document.getElementById("join-hidden");
  if (!(box instanceof HTMLInputElement)) return;
  // Chosen before this script had come: that counts, not what is remembered.
  choices.hidden = box.checked ||= choices.hidden;
  box.addEventListener("change", () => {
    choices.hidden = box.checked;
    remember({ ...remembered(), hidden: box.checked });
  });
}

/** Who is here; asked again every ten seconds until one joins. */
async function lobby() {
  const place = document.getElementById("lobby");
  if (!place || joined) return;
  const answer = await get(`/sessions/${boot.session}/live/lobby`);
  if (answer.ok && !joined) {
    const { here, joinable } = /** @type {{here: {name: string}[], joinable: boolean}} */ (answer.value);
    const names = new Intl.ListFormat(document.documentElement.lang).format(here.map((person) => person.name));
    const words = here.length ? say("here_n", { names }) : say("alone");
    if (place.textContent !== words) place.textContent = words;
    joinButton.disabled = !joinable || joinButton.getAttribute("aria-busy") === "true";
  }
  setTimeout(lobby, 10_000);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (joinButton.getAttribute("aria-busy") === "true") return;
  if (speaks) {
    read();
    remember(choices);
  }
  const error = need("#join-error", HTMLElement);
  const label = need(".button-label", HTMLElement, joinButton);
  const words = label.textContent;
  error.hidden = true;
  joinButton.setAttribute("aria-busy", "true");
  label.textContent = say("joining");
  try {
    const { enter } = await import("live/session.js");
    await enter(devices, choices);
    joined = true;
    endMeter();
  } catch (problem) {
    error.textContent = (problem instanceof Error && problem.message) || say("offline");
    error.hidden = false;
  } finally {
    joinButton.removeAttribute("aria-busy");
    label.textContent = words;
  }
});

need("#preview-initials", HTMLElement).textContent = initials(boot.name);
devices.addEventListener("change", () => {
  if (!joined) preview();
});
if (speaks) startDevices();
askHidden();
if (!joinButton.disabled) void devices.open(choices);
void lobby();
