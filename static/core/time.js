/** Time on screen: clocks of minutes and seconds, and "3 minutes ago" kept fresh. */

/**
 * 161 → "2:41"; below zero the overrun, "−0:12".
 * @param {number} seconds
 * @returns {string}
 */
export function clock(seconds) {
  const whole = Math.trunc(Math.abs(seconds));
  const text = `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  return seconds <= -1 ? `−${text}` : text;
}

/**
 * Green below 80 %, amber to 100 %, red after (live-screen rule of the domain handbook, section 3).
 * @param {number} used seconds @param {number} planned seconds
 * @returns {"calm" | "near" | "over"}
 */
export function timerState(used, planned) {
  if (used > planned) return "over";
  return used < planned * 0.8 ? "calm" : "near";
}

/** @type {[Intl.RelativeTimeFormatUnit, number][]} */
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]];

/**
 * "3 minutes ago", "in 2 days", in the language of the page.
 * @param {Date} instant @param {Date} now @param {string} [lang]
 * @returns {string}
 */
export function relative(instant, now, lang = document.documentElement.lang) {
  const seconds = (instant.getTime() - now.getTime()) / 1000;
  const format = new Intl.RelativeTimeFormat(lang || "en", { numeric: "auto" });
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return format.format(Math.round(seconds / size), unit);
  }
  return format.format(0, "second");
}

/** Keep every <time data-relative datetime=…> fresh, once a minute. */
export function startTimes() {
  const refresh = () => {
    for (const element of document.querySelectorAll("time[data-relative]")) {
      const instant = new Date(element.getAttribute("datetime") ?? "");
      if (!Number.isNaN(instant.getTime())) element.textContent = relative(instant, new Date());
    }
  };
  refresh();
  setInterval(refresh, 60_000);
}
