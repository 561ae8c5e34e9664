/** Talking to our own server: JSON in, JSON out, problems as values. */

/**
 * @typedef {{status: number, code: string, title: string, detail: string, fields: Record<string, string>}} Problem
 * @typedef {{ok: true, value: unknown} | {ok: false, problem: Problem}} Answer
 */

/** @returns {string} the token base.html carries for scripts */
function csrf() {
  return document.documentElement.dataset.csrf ?? "";
}

/** @param {unknown} value @returns {string} */
const text = (value) => (typeof value === "string" ? value : "");

/**
 * The problem an answer describes (application/problem+json), or a plain one for anything else.
 * @param {Response} response
 * @returns {Promise<Problem>}
 */
async function problem(response) {
  /** @type {Record<string, unknown>} */
  let body = {};
  if ((response.headers.get("Content-Type") ?? "").includes("json")) {
    const parsed = await response.json().catch(() => null);
    if (parsed && typeof parsed === "object") body = parsed;
  }
  const fields = body.fields && typeof body.fields === "object" ? body.fields : {};
  return {
    status: response.status,
    code: text(body.code),
    title: text(body.title),
    detail: text(body.detail),
    fields: /** @type {Record<string, string>} */ (fields),
  };
}

/**
 * Ask. A lost network is a problem with status 0; an abort is thrown on, as AbortError.
 * @param {string} url
 * @param {{method?: string, body?: unknown, signal?: AbortSignal, headers?: Record<string, string>}} [options]
 * @returns {Promise<Answer>}
 */
export async function ask(url, { method = "GET", body, signal, headers = {} } = {}) {
  /** @type {Record<string, string>} */
  const sent = { Accept: "application/json", ...headers };
  if (method !== "GET") sent["X-CSRF-Token"] = csrf();
  if (body !== undefined) sent["Content-Type"] = "application/json";
  /** @type {Response} */
  let response;
  try {
    response = await fetch(url, {
      method,
      headers: sent,
      credentials: "same-origin",
      ...(signal ? { signal } : {}),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    return { ok: false, problem: { status: 0, code: "offline", title: "", detail: "", fields: {} } };
  }
  if (!response.ok) return { ok: false, problem: await problem(response) };
  if (response.status === 204) return { ok: true, value: null };
  return { ok: true, value: await response.json() };
}

/** @param {string} url @param {AbortSignal} [signal] */
export const get = (url, signal) => ask(url, signal ? { signal } : {});

/** @param {string} url @param {unknown} body @param {string} [idempotency] */
export const post = (url, body, idempotency) =>
  ask(url, { method: "POST", body, headers: idempotency ? { "Idempotency-Key": idempotency } : {} });

/**
 * Run only the newest of several questions: an older one still on its way is dropped.
 * @returns {(url: string) => Promise<Answer | null>} null when a newer question took over
 */
export function latest() {
  /** @type {AbortController | null} */
  let running = null;
  return async (url) => {
    running?.abort();
    const mine = new AbortController();
    running = mine;
    try {
      return await get(url, mine.signal);
    } catch (error) {
      if (mine.signal.aborted) return null;
      throw error;
    }
  };
}
