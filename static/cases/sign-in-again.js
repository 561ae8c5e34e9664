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
 * Ask whether the sign-in still holds, and whose it is. Broken counts as holding: sending will
 * tell.
 * @param {HTMLFormElement} form
 * @returns {Promise<{token: string, mine: boolean, offline?: boolean} | null>} null when it has ended
 */
async function fresh(form) {
  const answer = await get("/cases/form-token");
  if (!answer.ok) return answer.problem.status === 401 ? null : { token: "", mine: true, offline: answer.problem.status === 0 };
  const { csrf, person } = /** @type {{csrf: string, person: string}} */ (answer.value);
  return { token: csrf, mine: person === form.dataset.deviceKey?.split(".")[0] };
}

/**
 * Wait until the person is signed in again, or has decided not to be.
 * @param {HTMLDialogElement} dialog @param {HTMLFormElement} form @param {boolean} foreign somebody else is signed in
 * @returns {Promise<boolean>}
 */
function ask(dialog, form, foreign) {
  const inside = /** @type {HTMLFormElement} */ (dialog.querySelector("[data-sign-in-again]"));
  const wrong = /** @type {HTMLElement} */ (dialog.querySelector("[data-again-error]"));
  const other = /** @type {HTMLElement} */ (dialog.querySelector("[data-again-other]"));
  wrong.hidden = true;
  other.hidden = !foreign;
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
      const before = await fresh(form);
      let now = before;
      if (!before?.token || !before.mine) {
        const data = new FormData(inside);
        const response = await fetch("/sign-in", {
          method: "POST",
          credentials: "same-origin",
          headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRF-Token": before?.token ?? "" },
          body: JSON.stringify({ email: data.get("email"), password: data.get("password") }),
        }).catch(() => null);
        now = response?.ok ? await fresh(form) : null;
        wrong.hidden = response?.ok === true;
      }
      other.hidden = !now || now.mine;
      if (!now?.token || !now.mine) return;
      renew(form, now.token);
      finish(true);
    }, { signal: leave.signal });
    dialog.addEventListener("close", () => finish(false), { signal: leave.signal });
    open(dialog);
  });
}

/**
 * Make sure that the form can be sent; opens the dialog when the sign-in has ended or is another's.
 * @param {HTMLFormElement} form
 * @returns {Promise<"yes" | "no" | "offline">} no: the person chose not to sign in now
 */
export async function ready(form) {
  const now = await fresh(form);
  if (now?.offline) return "offline";
  if (now?.mine) {
    if (now.token) renew(form, now.token);
    return "yes";
  }
  const dialog = document.getElementById("sign-in-again");
  const signedIn = dialog instanceof HTMLDialogElement ? await ask(dialog, form, now !== null) : true;
  return signedIn ? "yes" : "no";
}

/** Take a new token without asking anybody, if the same person is signed in. @param {HTMLFormElement} form */
export async function quietly(form) {
  const now = await fresh(form);
  if (!now?.token || !now.mine) return false;
  renew(form, now.token);
  return true;
}
