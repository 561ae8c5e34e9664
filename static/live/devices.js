/** Camera and microphone: asking, choosing, trying out. Choices are remembered, people are not. */

const KEY = "live-devices";

/**
 * @typedef {"av" | "audio" | "listen"} Mode
 * @typedef {{mode: Mode, microphone: string, camera: string, muted: boolean, hidden: boolean}} Choices
 * @typedef {"ok" | "off" | "refused" | "none" | "busy"} Outcome
 */

/** @returns {Choices} */
export function remembered() {
  /** @type {Choices} */
  const plain = { mode: "av", microphone: "", camera: "", muted: false, hidden: false };
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return {
      mode: ["av", "audio", "listen"].includes(kept.mode) ? kept.mode : plain.mode,
      microphone: typeof kept.microphone === "string" ? kept.microphone : "",
      camera: typeof kept.camera === "string" ? kept.camera : "",
      muted: kept.muted === true,
      hidden: kept.hidden === true,
    };
  } catch {
    return plain;
  }
}

/** @param {Choices} choices */
export function remember(choices) {
  try {
    localStorage.setItem(KEY, JSON.stringify(choices));
  } catch {
    // Storage is closed (private window): asked again next time.
  }
}

/** @param {unknown} error @returns {Outcome} */
function outcomeOf(error) {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "none";
  if (name === "NotReadableError" || name === "AbortError") return "busy";
  return "refused";
}

export class Devices extends EventTarget {
  /** @type {MediaStreamTrack | null} */
  audio = null;
  /** @type {MediaStreamTrack | null} */
  video = null;
  /** @type {Outcome} */
  outcome = "off";
  #asked = 0;

  /**
   * Get what these choices need, and stop what they do not. A missing camera does not cost the
   * microphone: what can be had is had.
   * @param {Choices} choices
   */
  async open({ mode, microphone, camera }) {
    const mine = ++this.#asked;
    this.stop();
    if (mode === "listen") return this.#say("off");
    if (!navigator.mediaDevices) return this.#say("none");
    const audio = wish(microphone, { echoCancellation: true, noiseSuppression: true, autoGainControl: true });
    const video = mode === "av" ? wish(camera, { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 24, max: 30 } }) : false;
    /** @type {MediaStream[]} */
    const got = [];
    /** @type {Outcome} */
    let outcome = "ok";
    try {
      got.push(await navigator.mediaDevices.getUserMedia({ audio, video }));
    } catch (error) {
      outcome = outcomeOf(error);
      if (video && outcome !== "refused") {
        for (const one of [{ audio }, { video }]) {
          await navigator.mediaDevices.getUserMedia(one).then((s) => got.push(s), () => {});
        }
      }
    }
    const tracks = got.flatMap((stream) => stream.getTracks());
    if (mine !== this.#asked) return tracks.forEach((track) => track.stop());
    this.audio = tracks.find((track) => track.kind === "audio") ?? null;
    this.video = tracks.find((track) => track.kind === "video") ?? null;
    this.#say(outcome);
  }

  /** A fresh camera track, after the camera was off. @param {string} camera */
  async reopenCamera(camera) {
    this.video?.stop();
    this.video = null;
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: wish(camera, { width: { ideal: 1280 }, height: { ideal: 720 } }) });
      this.video = stream.getVideoTracks()[0] ?? null;
    } catch (error) {
      this.#say(outcomeOf(error));
    }
    return this.video;
  }

  /** A microphone track, after there was none. @param {string} microphone */
  async reopenMicrophone(microphone) {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: wish(microphone, { echoCancellation: true, noiseSuppression: true }) });
      this.audio = stream.getAudioTracks()[0] ?? null;
    } catch (error) {
      this.#say(outcomeOf(error));
    }
    return this.audio;
  }

  /** What can be chosen; names appear once access was given. @param {"audioinput" | "videoinput"} kind */
  async list(kind) {
    const all = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
    return all.filter((device) => device.kind === kind && device.deviceId);
  }

  stop() {
    this.audio?.stop();
    this.video?.stop();
    this.audio = this.video = null;
  }

  /** @param {Outcome} outcome */
  #say(outcome) {
    this.outcome = outcome;
    this.dispatchEvent(new Event("change"));
  }
}

/** @param {string} device @param {MediaTrackConstraints} rest @returns {MediaTrackConstraints} */
function wish(device, rest) {
  return device ? { ...rest, deviceId: { ideal: device } } : rest;
}

/**
 * Measure loudness ten times a second; works on a copy, so that a muted track can be watched too.
 * @param {MediaStreamTrack} track
 * @param {(level: number) => void} heard from 0 to 1
 * @returns {() => void} ends it
 */
export function meter(track, heard) {
  const copy = track.clone();
  copy.enabled = true;
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  context.createMediaStreamSource(new MediaStream([copy])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, x) => sum + x * x, 0) / samples.length;
    // Speech lies between about -50 and -10 dBFS.
    heard(Math.min(1, Math.max(0, (10 * Math.log10(power + 1e-10) + 60) / 50)));
  }, 100);
  void context.resume();
  return () => {
    clearInterval(timer);
    copy.stop();
    void context.close();
  };
}

/**
 * Record three seconds and play them back: the echo test.
 * @param {MediaStreamTrack} track
 * @param {() => void} playing called when recording is over
 */
export async function echo(track, playing) {
  const recorder = new MediaRecorder(new MediaStream([track]));
  /** @type {Blob[]} */
  const parts = [];
  recorder.addEventListener("dataavailable", (event) => parts.push(event.data));
  const stopped = new Promise((resolve) => recorder.addEventListener("stop", resolve, { once: true }));
  recorder.start();
  setTimeout(() => recorder.stop(), 3000);
  await stopped;
  playing();
  const url = URL.createObjectURL(new Blob(parts, { type: recorder.mimeType }));
  const player = new Audio(url);
  await player.play().catch(() => {});
  await new Promise((resolve) => {
    player.addEventListener("ended", resolve, { once: true });
    setTimeout(resolve, 5000);
  });
  URL.revokeObjectURL(url);
}
