/** A sign-in that ended in a half-written form is renewed in place; nothing typed is lost. */
import { open } from "core/dialog.js";
import { get } from "core/http.js";

/** @param {HTMLFormElement} form @param {string} token */
function renew(form, token) {
  document.documentElement.dataset.csrf = token;
  for (const input of document.querySelectorAll('input[name="csrf"]')) {
    if (input instanceof HTMLInputElement) input.value = token;
  }
  form.dataset.renewed = "yes";
}

/**
 * Ask whether the sign-in still holds. Offline or broken counts as yes: sending will tell.
 * @returns {Promise<string | null>} a fresh token, "" when it could not be asked, null when ended
 */
async function fresh() {
  const answer = await get("/cases/form-token");
  if (!answer.ok) return answer.problem.status === 401 ? null : "";
  const value = /** @type {{csrf?: unknown}} */ (answer.value);
  return typeof value.csrf === "string" ? value.csrf : "";
}

/**
 * Wait until the person is signed in again, or has decided not to be.
 * @param {HTMLDialogElement} dialog @param {HTMLFormElement} form
 * @returns {Promise<boolean>}
 */
function ask(dialog, form) {
  const inside = /** @type {HTMLFormElement} */ (dialog.querySelector("[data-sign-in-again]"));
  const wrong = /** @type {HTMLElement} */ (dialog.querySelector("[data-again-error]"));
  return new Promise((resolve) => {
    const leave = new AbortController();
    const finish = (/** @type {boolean} */ signedIn) => {
      leave.abort();
      if (dialog.open) dialog.close();
      inside.reset();
      resolve(signedIn);
    };
    inside.addEventListener("submit", async (event) => {
      event.preventDefault();
      wrong.hidden = true;
      // Somebody may have signed in by link in another tab meanwhile.
      const already = await fresh();
      if (already) {
        renew(form, already);
        finish(true);
        return;
      }
      const data = new FormData(inside);
      const response = await fetch("/sign-in", {
        method: "POST",
        credentials: "same-origin",
        headers: { Accept: "application/json", "Content-Type": "application/json" },
        body: JSON.stringify({ email: data.get("email"), password: data.get("password") }),
      }).catch(() => null);
      const value = response?.ok ? await response.json() : null;
      if (typeof value?.csrf === "string") {
        renew(form, value.csrf);
        finish(true);
      } else wrong.hidden = false;
    }, { signal: leave.signal });
    dialog.addEventListener("close", () => finish(false), { signal: leave.signal });
    open(dialog);
  });
}

/**
 * Make sure that the form can be sent; opens the dialog when the sign-in has ended.
 * @param {HTMLFormElement} form
 * @returns {Promise<boolean>} false: the person chose not to sign in now
 */
export async function ready(form) {
  const token = await fresh();
  if (token !== null) {
    if (token) renew(form, token);
    return true;
  }
  const dialog = document.getElementById("sign-in-again");
  return dialog instanceof HTMLDialogElement ? ask(dialog, form) : true;
}
