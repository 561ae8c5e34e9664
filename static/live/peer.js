// @ts-check
/**
 * Picture and sound of one seat: one connection up, one connection down.
 *
 * Up, this browser offers (voice, camera, screen, in that order). Down, the server offers a fixed
 * set of slots, and what a slot shows changes without a new offer. A connection that fails is
 * replaced, never repaired. No interface here: whoever uses it listens to `slot` and `state`.
 *
 * @typedef {"audio" | "video" | "share"} Kind
 * @typedef {"up" | "down"} Which
 * @typedef {"idle" | "connecting" | "connected" | "reconnecting" | "closed"} State
 * @typedef {{slot: string, track: MediaStreamTrack, stream: MediaStream}} SlotDetail
 * @typedef {{which: Which, state: State}} StateDetail
 * @typedef {{sdp: string, generation: number}} DownOffer
 * @typedef {{kbps: number, lossPercent: number, rttMs: number | null}} LinkStats
 * @typedef {(type: string, payload: object) => Promise<any>} Send
 *   Sends one message to the server and resolves with its acknowledgement; rejects when refused.
 */

/** @type {Kind[]} */
const KINDS = ["audio", "video", "share"];

/** Kilobits per second each kind may use; the server asks for the same (REMB). */
const CEILING = { audio: 64, video: 1500, share: 2500 };

/**
 * The camera in three sizes, smallest first: the server gives every viewer the one that fits their line
 * and their screen. A browser that is short of room or of breath leaves out the largest by itself.
 * @type {RTCRtpEncodingParameters[]}
 */
const LAYERS = [
  { rid: "l", scaleResolutionDownBy: 4, maxBitrate: 150_000 },
  { rid: "m", scaleResolutionDownBy: 2, maxBitrate: 500_000 },
  { rid: "h", scaleResolutionDownBy: 1, maxBitrate: CEILING.video * 1000 },
];

/**
 * Browsers leave out the largest sizes of a small camera: it gets fewer, so that the whole picture is
 * among them. @param {MediaStreamTrack | null} track @returns {RTCRtpEncodingParameters[]}
 */
function layersOf(track) {
  const width = track?.getSettings().width ?? 1280;
  if (width >= 960) return LAYERS;
  if (width < 480) return [{ maxBitrate: CEILING.video * 1000 }];
  return [{ ...LAYERS[1], rid: "l" }, LAYERS[2]];
}

/** How long a connection may stay `disconnected` before it is replaced, in ms. */
const PATIENCE = 4000;

/** Waits between attempts, in ms; the last one repeats. */
const BACKOFF = [300, 1000, 2000, 4000, 8000];

export class MediaPeer extends EventTarget {
  /** @type {Record<Kind, MediaStreamTrack | null>} */
  #tracks = { audio: null, video: null, share: null };
  /** @type {RTCPeerConnection | null} */
  #up = null;
  /** @type {RTCPeerConnection | null} */
  #down = null;
  /** @type {Map<string, SlotDetail>} */
  #slots = new Map();
  /** @type {Record<Which, State>} */
  #states = { up: "idle", down: "idle" };
  /** @type {Record<Which, number>} */
  #attempts = { up: 0, down: 0 };
  /** @type {Record<Which, ReturnType<typeof setTimeout> | undefined>} */
  #timers = { up: undefined, down: undefined };
  /** @type {Map<string, {bytes: number, packets: number, lost: number, at: number}>} */
  #before = new Map();
  #mic = true;
  #generation = 0;
  #closed = false;

  /**
   * @param {object} options
   * @param {Send} options.send
   * @param {() => Promise<RTCIceServer[]>} [options.iceServers] relays, asked for before each connection
   * @param {boolean} [options.hidden] go through a relay only: this computer's address stays hidden
   */
  constructor({ send, iceServers = async () => [], hidden = false }) {
    super();
    this.#send = send;
    this.#iceServers = iceServers;
    this.#hidden = hidden;
  }

  #send;
  #iceServers;
  #hidden;

  /** Go through a relay only from now on, or no more: what is there is made anew. @param {boolean} hidden */
  hide(hidden) {
    this.#hidden = hidden;
    if (this.#up) this.restart("up");
    if (this.#down) this.restart("down");
  }

  /** @returns {Promise<RTCConfiguration>} */
  async #configuration() {
    const iceServers = await this.#iceServers();
    return { iceServers, iceTransportPolicy: this.#hidden ? "relay" : "all", bundlePolicy: "max-bundle" };
  }

  /** @param {Which} which @returns {State} */
  state(which) {
    return this.#states[which];
  }

  /** What the slots of the down connection carry. @returns {SlotDetail[]} */
  get slots() {
    return [...this.#slots.values()];
  }

  /**
   * Begin to send. Tracks may be missing now and come later with `replaceTrack`.
   * @param {{audio?: MediaStreamTrack | null, video?: MediaStreamTrack | null}} [tracks]
   * @returns {Promise<void>} resolves when the server has answered
   */
  async publish({ audio = null, video = null } = {}) {
    this.#tracks.audio = audio;
    this.#tracks.video = video;
    if (audio) audio.enabled = this.#mic;
    await this.#publish();
  }

  async #publish() {
    if (this.#closed) return;
    clearTimeout(this.#timers.up);
    const configuration = await this.#configuration();
    if (this.#closed) return;
    this.#retire(this.#up);
    const connection = new RTCPeerConnection(configuration);
    this.#up = connection;
    this.#watch(connection, "up");
    for (const kind of KINDS) {
      const track = this.#tracks[kind];
      const { sender } = connection.addTransceiver(track ?? (kind === "audio" ? "audio" : "video"), {
        direction: "sendonly",
        sendEncodings: kind === "video" ? layersOf(track) : [{ maxBitrate: CEILING[kind] * 1000 }],
      });
      hint(kind, track);
      // Sharpness before smoothness on a shared screen; Firefox has no such setting.
      if (kind === "share") await prefer(sender, "maintain-resolution");
    }
    await connection.setLocalDescription();
    const { sdp } = await this.#send("media:publish", { sdp: connection.localDescription?.sdp });
    if (connection !== this.#up) return;
    await connection.setRemoteDescription({ type: "answer", sdp });
  }

  /**
   * Take the server's offer and answer it. A newer offer replaces the connection.
   * @param {DownOffer} offer
   * @returns {Promise<void>}
   */
  async onDownOffer({ sdp, generation }) {
    if (this.#closed || generation < this.#generation) return;
    clearTimeout(this.#timers.down);
    this.#generation = generation;
    const configuration = await this.#configuration();
    if (this.#closed || generation !== this.#generation) return;
    this.#retire(this.#down);
    const connection = new RTCPeerConnection(configuration);
    this.#down = connection;
    this.#slots.clear();
    this.#watch(connection, "down");
    connection.addEventListener("track", ({ track, streams: [stream] }) => {
      if (connection !== this.#down || !stream) return;
      const detail = { slot: stream.id, track, stream };
      this.#slots.set(stream.id, detail);
      this.dispatchEvent(new CustomEvent("slot", { detail }));
    });
    await connection.setRemoteDescription({ type: "offer", sdp });
    await connection.setLocalDescription();
    if (connection !== this.#down) return;
    await this.#send("media:answer", { sdp: connection.localDescription?.sdp, generation });
  }

  /**
   * Mute or unmute. The track stays, so that unmuting is immediate; muted, it sends silence.
   * @param {boolean} on
   */
  setMic(on) {
    this.#mic = on;
    if (this.#tracks.audio) this.#tracks.audio.enabled = on;
  }

  /**
   * Turn the camera off, or on with a fresh track. Stop the old track yourself: its light goes out.
   * @param {MediaStreamTrack | null} track
   * @returns {Promise<void>}
   */
  async setCam(track) {
    await this.replaceTrack("video", track);
  }

  /**
   * Send another track of this kind from now on, or nothing. No new offer is needed.
   * @param {Kind} kind
   * @param {MediaStreamTrack | null} track
   * @returns {Promise<void>}
   */
  async replaceTrack(kind, track) {
    this.#tracks[kind] = track;
    if (kind === "audio" && track) track.enabled = this.#mic;
    hint(kind, track);
    await this.#sender(kind)?.replaceTrack(track);
  }

  /**
   * Share the screen; asks the person which window. Ends by itself when they end it in the browser.
   * @returns {Promise<MediaStreamTrack>} the shared picture; rejects when they refuse
   */
  async startShare() {
    const stream = await navigator.mediaDevices.getDisplayMedia({
      video: { frameRate: { max: 15 } },
      audio: false,
    });
    const [track] = stream.getVideoTracks();
    track.addEventListener("ended", () => {
      if (this.#tracks.share === track) void this.stopShare();
    });
    await this.replaceTrack("share", track);
    return track;
  }

  /** End the sharing. @returns {Promise<void>} */
  async stopShare() {
    const track = this.#tracks.share;
    await this.replaceTrack("share", null);
    track?.stop();
    this.dispatchEvent(new CustomEvent("share-ended"));
  }

  /**
   * The server says that this connection is lost: make a fresh one.
   * @param {Which} which
   */
  restart(which) {
    if (this.#closed) return;
    this.#attempts[which] = 0;
    this.#again(which, 0);
  }

  /**
   * Rates since the last call; a connection that is not there is null.
   * @returns {Promise<Record<Which, LinkStats | null>>}
   */
  async stats() {
    return {
      up: await this.#measure("up", this.#up),
      down: await this.#measure("down", this.#down),
    };
  }

  /** End both connections. The tracks belong to the caller and stay. */
  close() {
    this.#closed = true;
    for (const which of /** @type {Which[]} */ (["up", "down"])) {
      clearTimeout(this.#timers[which]);
      this.#tell(which, "closed");
    }
    this.#retire(this.#up);
    this.#retire(this.#down);
    this.#up = this.#down = null;
    this.#slots.clear();
  }

  /** @param {Kind} kind @returns {RTCRtpSender | undefined} */
  #sender(kind) {
    return this.#up?.getTransceivers()[KINDS.indexOf(kind)]?.sender;
  }

  /** @param {RTCPeerConnection | null} connection */
  #retire(connection) {
    connection?.close();
  }

  /** @param {RTCPeerConnection} connection @param {Which} which */
  #watch(connection, which) {
    const current = () => connection === (which === "up" ? this.#up : this.#down);
    if (this.#states[which] !== "reconnecting") this.#tell(which, "connecting");
    connection.addEventListener("connectionstatechange", () => {
      if (!current() || this.#closed) return;
      clearTimeout(this.#timers[which]);
      const state = connection.connectionState;
      if (state === "connected") {
        this.#attempts[which] = 0;
        this.#tell(which, "connected");
      } else if (state === "disconnected") {
        this.#tell(which, "reconnecting");
        this.#timers[which] = setTimeout(() => this.#again(which, 0), PATIENCE);
      } else if (state === "failed" || state === "closed") {
        const wait = BACKOFF[Math.min(this.#attempts[which]++, BACKOFF.length - 1)];
        this.#again(which, wait);
      }
    });
  }

  /** @param {Which} which @param {number} wait */
  #again(which, wait) {
    if (this.#closed) return;
    this.#tell(which, "reconnecting");
    clearTimeout(this.#timers[which]);
    this.#timers[which] = setTimeout(async () => {
      try {
        if (which === "up") await this.#publish();
        else await this.#send("media:renew", {});
      } catch {
        const next = BACKOFF[Math.min(++this.#attempts[which], BACKOFF.length - 1)];
        this.#again(which, next);
      }
    }, wait);
  }

  /** @param {Which} which @param {State} state */
  #tell(which, state) {
    if (this.#states[which] === state) return;
    this.#states[which] = state;
    this.dispatchEvent(new CustomEvent("state", { detail: { which, state } }));
  }

  /**
   * @param {Which} which @param {RTCPeerConnection | null} connection
   * @returns {Promise<LinkStats | null>}
   */
  async #measure(which, connection) {
    if (!connection || connection.connectionState === "closed") return null;
    const now = { bytes: 0, packets: 0, lost: 0, at: performance.now() };
    /** @type {number | null} */
    let rtt = null;
    for (const report of (await connection.getStats()).values()) {
      if (report.type === (which === "up" ? "outbound-rtp" : "inbound-rtp")) {
        now.bytes += report.bytesSent ?? report.bytesReceived ?? 0;
        now.packets += report.packetsSent ?? report.packetsReceived ?? 0;
        now.lost += which === "down" ? (report.packetsLost ?? 0) : 0;
      } else if (which === "up" && report.type === "remote-inbound-rtp") {
        now.lost += report.packetsLost ?? 0;
      } else if (report.type === "candidate-pair" && report.nominated) {
        rtt = report.currentRoundTripTime ?? rtt;
      }
    }
    const before = this.#before.get(which);
    this.#before.set(which, now);
    const fresh = !before || now.packets < before.packets;
    const bytes = now.bytes - (fresh ? 0 : before.bytes);
    const packets = now.packets - (fresh ? 0 : before.packets);
    const lost = Math.max(0, now.lost - (fresh ? 0 : before.lost));
    const seconds = fresh ? 0 : (now.at - before.at) / 1000;
    return {
      kbps: seconds ? Math.round((bytes * 8) / 1000 / seconds) : 0,
      lossPercent: packets + lost ? Math.round((100 * lost) / (packets + lost)) : 0,
      rttMs: rtt === null ? null : Math.round(rtt * 1000),
    };
  }
}

/** Tell the encoder what it looks at. @param {Kind} kind @param {MediaStreamTrack | null} track */
function hint(kind, track) {
  if (track) track.contentHint = { audio: "speech", video: "motion", share: "detail" }[kind];
}

/** @param {RTCRtpSender} sender @param {string} preference @returns {Promise<void>} */
async function prefer(sender, preference) {
  const parameters = sender.getParameters();
  try {
    await sender.setParameters(
      /** @type {RTCRtpSendParameters} */ ({ ...parameters, degradationPreference: preference }),
    );
  } catch {
    // An older browser: it decides for itself.
  }
}
