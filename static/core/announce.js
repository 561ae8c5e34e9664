/** Say something to people who listen to the page: two live regions of base.html. */

/**
 * @param {string} sentence
 * @param {"polite" | "assertive"} [how] assertive interrupts: for loss of connection, not for news
 */
export function announce(sentence, how = "polite") {
  const region = document.getElementById(`announce-${how}`);
  if (!region) return;
  // The same words twice are only spoken twice if the region was empty in between.
  region.textContent = "";
  requestAnimationFrame(() => {
    region.textContent = sentence;
  });
}
