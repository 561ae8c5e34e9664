/** Dropping and pasting files onto the place around a file field; the field itself stays the truth. */
import { all } from "core/dom.js";

/** @param {HTMLElement} place */
function wire(place) {
  const input = place.querySelector('input[type="file"]');
  if (!(input instanceof HTMLInputElement)) return;

  /** @param {FileList | undefined} files */
  const take = (files) => {
    if (!files?.length) return;
    const one = new DataTransfer();
    for (const file of input.multiple ? files : [...files].slice(0, 1)) one.items.add(file);
    input.files = one.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };
  for (const type of /** @type {const} */ (["dragenter", "dragover"])) {
    place.addEventListener(type, (event) => {
      event.preventDefault();
      place.classList.add("is-over");
    });
  }
  place.addEventListener("dragleave", () => place.classList.remove("is-over"));
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    place.classList.remove("is-over");
    take(event.dataTransfer?.files);
  });
  place.addEventListener("paste", (event) => take(event.clipboardData?.files));
}

/** Wire every file field of the page. */
export function startFileDrops() {
  for (const place of all("[data-file-drop]", HTMLElement)) wire(place);
}
