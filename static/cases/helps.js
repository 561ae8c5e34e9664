/**
 * Fetches the helps while writing when somebody begins to write, not with the page: on a slow line
 * the form comes first. Without them the form works as it is.
 */
import { whenWriting } from "cases/begin-writing.js";

const box = document.querySelector("[data-helps]");
const form = box?.closest("form");

if (box instanceof HTMLElement && form) {
  whenWriting(form, "input, select, textarea", async () => {
    const { start } = await import("cases/writing.js");
    await start(form, box);
  });
}
