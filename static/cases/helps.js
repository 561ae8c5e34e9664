/**
 * Fetches the helps while writing when somebody begins to write, not with the page: on a slow line
 * the form comes first. Without them the form works as it is.
 */
const box = document.querySelector("[data-helps]");
const form = box?.closest("form");

async function begin() {
  if (!(box instanceof HTMLElement) || !form) return;
  form.removeEventListener("focusin", begin);
  try {
    const { start } = await import("cases/writing.js");
    await start(form, box);
  } catch {
    // Offline: the next field that is opened tries again.
    form.addEventListener("focusin", begin);
  }
}

if (form) {
  const written = [...form.querySelectorAll("textarea")].some((field) => field.value !== "");
  if (written) setTimeout(begin, 1500);
  else form.addEventListener("focusin", begin);
}
