/** One's own picture and sound in the room: connections, buttons, soft mute. */
import { announce } from "core/announce.js";
import { icon, need } from "core/dom.js";
import { toast } from "core/toast.js";
import { meter, remember, remembered } from "live/devices.js";
import { MediaPeer } from "live/peer.js";
import { say } from "live/words.js";

/**
 * @typedef {import("live/devices.js").Devices} Devices
 * @typedef {import("live/devices.js").Choices} Choices
 * @typedef {import("live/room-state.js").State} State
 * @typedef {import("live/room-state.js").You} You
 * @typedef {(name: string, payload?: object) => Promise<any>} Ask
 */

/** Level above which someone is speaking, and for how many tenths of a second before a hint. */
const LOUD = 0.55;
const LOUD_FOR = 8;
/** How often what the room did not take is said again. */
const SAY_AGAIN = 5;

export class Media {
  /** @type {MediaPeer | null} */
  #peer = null;
  #devices;
  #choices;
  #ask;
  #relays;
  #stage;
  #speaks;
  #microphone;
  #sharing = false;
  #pictures;
  #wasAsked = true;
  #mayShare = false;
  #sharesDrawn = false;
  #endMeter = () => {};
  #hinted = 0;
  #said = 0;

  /**
   * @param {object} parts
   * @param {Devices} parts.devices @param {Choices} parts.choices @param {Ask} parts.ask
   * @param {() => Promise<RTCIceServer[]>} parts.relays
   * @param {import("live/stage.js").Stage} parts.stage @param {boolean} parts.speaks
   * @param {(state: "ok" | "coming" | "none") => void} parts.tell how the connections do
   */
  constructor({ devices, choices, ask, relays, stage, speaks, tell }) {
    this.#devices = devices;
    this.#choices = choices;
    this.#ask = ask;
    this.#relays = relays;
    this.#stage = stage;
    this.#speaks = speaks;
    this.#tell = tell;
    this.#microphone = devices.audio !== null && !choices.muted;
    this.#pictures = choices.mode !== "audio";
    this.#wire();
    this.#watchVoice();
    this.#draw();
  }

  #tell;

  /** Make both connections; called again with every new seat. */
  async start() {
    this.#peer?.close();
    this.#stage.clear();
    this.#stage.own(this.#devices.video);
    if (!("RTCPeerConnection" in globalThis)) {
      this.#tell("none");
      await this.#say();
      return;
    }
    const peer = new MediaPeer({
      send: (type, payload) => this.#ask(type, payload),
      iceServers: this.#relays,
      hidden: hiding() !== null && this.#choices.hidden,
    });
    this.#peer = peer;
    peer.setMic(this.#microphone);
    peer.addEventListener("slot", (event) => this.#stage.slot(/** @type {CustomEvent} */ (event).detail));
    peer.addEventListener("share-ended", () => {
      this.#sharing = false;
      void this.#say();
    });
    peer.addEventListener("state", () => {
      const states = [peer.state("up"), peer.state("down")];
      this.#tell(states.includes("reconnecting") ? "coming" : "ok");
    });
    /** @param {import("live/peer.js").Which} which @param {Promise<any>} deed */
    const begin = (which, deed) => deed.catch(() => {
      // The room goes on without; the peer tries again by itself, the banner says so.
      if (this.#peer !== peer) return;
      this.#tell("coming");
      peer.restart(which);
    });
    // All at once: nothing waits for another's answer, and the server takes them in this order.
    await Promise.all([
      this.#say(),
      begin("down", this.#ask("media:ready")),
      this.#speaks ? begin("up", peer.publish({ audio: this.#devices.audio, video: this.#devices.video })) : null,
    ]);
  }

  /** @param {string} name @param {any} data what the server says of the connections */
  message(name, data) {
    if (name === "media:offer") void this.#peer?.onDownOffer(data).catch(() => this.#peer?.restart("down"));
    else if (name === "media:slots") this.#stage.fill(data.slots);
    else if (name === "media:lost") this.#peer?.restart(data.which);
  }

  stop() {
    this.#peer?.close();
    this.#peer = null;
    this.#endMeter();
    this.#devices.stop();
    this.#stage.own(null);
  }

  /**
   * Soft mute: whoever is not asked to speak any more goes silent once, and may unmute again.
   * @param {State} state @param {You} you
   */
  follow(state, you) {
    this.#mayShare = you.duties.includes("run") || Object.values(state.steps).some((step) => step.presenter === you.person);
    if (this.#sharesDrawn !== this.#mayShare) this.#draw();
    const asked = state.voices === undefined || state.voices.includes(you.person);
    if (this.#wasAsked && !asked && this.#microphone) {
      this.#setMicrophone(false);
      toast(say("soft_muted"));
    }
    this.#wasAsked = asked;
  }

  async toggleMicrophone() {
    if (!this.#speaks) return;
    if (!this.#devices.audio) {
      const track = await this.#devices.reopenMicrophone(this.#choices.microphone);
      if (!track) return this.#missing();
      await this.#peer?.replaceTrack("audio", track);
      this.#watchVoice();
    }
    this.#setMicrophone(!this.#microphone);
  }

  async toggleCamera() {
    if (!this.#speaks) return;
    if (this.#devices.video) {
      this.#devices.video.stop();
      this.#devices.video = null;
    } else if (!(await this.#devices.reopenCamera(this.#choices.camera))) return this.#missing();
    await this.#peer?.setCam(this.#devices.video);
    this.#stage.own(this.#devices.video);
    await this.#say();
  }

  async #toggleShare() {
    if (!this.#peer) return;
    try {
      if (this.#sharing) await this.#peer.stopShare();
      else {
        await this.#peer.startShare();
        this.#sharing = true;
        await this.#say();
      }
    } catch {
      // The person closed the browser's own dialog: nothing is shared.
    }
  }

  /** @param {boolean} on */
  #setMicrophone(on) {
    this.#microphone = on && this.#devices.audio !== null;
    this.#peer?.setMic(this.#microphone);
    announce(this.#microphone ? say("unmuted") : say("muted_hint"));
    void this.#say();
  }

  #missing() {
    toast(say(`media_${this.#devices.outcome === "ok" ? "none" : this.#devices.outcome}`));
  }

  /**
   * Tell the room what is sent and wanted. Others see a picture only after they were told of it,
   * so what the server did not take is said again.
   * @param {number} [tries] how often it was said in vain
   */
  async #say(tries = 0) {
    this.#draw();
    const mine = ++this.#said;
    try {
      await this.#ask("media:state", {
        microphone: this.#microphone,
        camera: this.#devices.video !== null,
        share: this.#sharing,
        pictures: this.#pictures,
      });
    } catch {
      if (tries >= SAY_AGAIN) return;
      setTimeout(() => {
        if (mine === this.#said && this.#peer) void this.#say(tries + 1);
      }, 500 * 2 ** tries);
    }
  }

  #wire() {
    document.getElementById("control-microphone")?.addEventListener("click", () => void this.toggleMicrophone());
    document.getElementById("control-camera")?.addEventListener("click", () => void this.toggleCamera());
    document.getElementById("share")?.addEventListener("click", () => void this.#toggleShare());
    const box = hiding();
    if (box) box.checked = this.#choices.hidden;
    box?.addEventListener("change", () => {
      this.#choices.hidden = box.checked;
      remember({ ...remembered(), hidden: box.checked });
      this.#peer?.hide(box.checked);
    });
    need("#pictures", HTMLButtonElement).addEventListener("click", () => {
      this.#pictures = !this.#pictures;
      void this.#say();
    });
  }

  /** Whoever speaks into a muted microphone is told so, at most twice a minute. */
  #watchVoice() {
    this.#endMeter();
    if (!this.#devices.audio) return;
    let loud = 0;
    this.#endMeter = meter(this.#devices.audio, (level) => {
      loud = !this.#microphone && level > LOUD ? loud + 1 : 0;
      if (loud < LOUD_FOR || performance.now() - this.#hinted < 30_000) return;
      this.#hinted = performance.now();
      toast(say("muted_hint"));
    });
  }

  #draw() {
    press("control-microphone", this.#microphone, ["mic", say("mute")], ["mic-off", this.#devices.audio ? say("unmute") : say("no_microphone")]);
    press("control-camera", this.#devices.video !== null, ["video", say("camera_on")], ["video-off", say("camera_off")]);
    const share = document.getElementById("share");
    this.#sharesDrawn = this.#mayShare;
    if (share) {
      share.hidden = !this.#mayShare || !navigator.mediaDevices || !("getDisplayMedia" in navigator.mediaDevices);
      need(".button-label", HTMLElement, share).textContent = say(this.#sharing ? "sharing" : "share");
      share.setAttribute("aria-pressed", String(this.#sharing));
    }
    need(".button-label", HTMLElement, need("#pictures", HTMLElement)).textContent = say(this.#pictures ? "pictures_on" : "pictures_off");
  }
}

/** Where one chooses to hide one's address; null in a house without a relay. @returns {HTMLInputElement | null} */
function hiding() {
  return /** @type {HTMLInputElement | null} */ (document.getElementById("room-hidden"));
}

/**
 * @param {string} id @param {boolean} on @param {[string, string]} yes @param {[string, string]} no icon and words
 */
function press(id, on, yes, no) {
  const button = document.getElementById(id);
  if (!button) return;
  const [symbol, words] = on ? yes : no;
  button.classList.toggle("control-off", !on);
  button.replaceChildren(icon(symbol), Object.assign(document.createElement("span"), { textContent: words }));
}
