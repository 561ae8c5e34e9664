/** Small help with the DOM: find, build, listen. Nodes are built, never parsed from strings. */

/**
 * The first element that matches, of the type the caller names; throws when the page lacks it.
 * @template {Element} E
 * @param {string} selector
 * @param {new () => E} kind
 * @param {ParentNode} [root]
 * @returns {E}
 */
export function need(selector, kind, root = document) {
  const found = root.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`the page lacks ${selector}`);
  return found;
}

/**
 * All elements that match.
 * @template {Element} E
 * @param {string} selector
 * @param {new () => E} kind
 * @param {ParentNode} [root]
 * @returns {E[]}
 */
export function all(selector, kind, root = document) {
  return /** @type {E[]} */ ([...root.querySelectorAll(selector)].filter((e) => e instanceof kind));
}

/**
 * Build an element. Attributes with `false` or `null` are left out, `true` is the empty attribute.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | number | boolean | null | undefined>} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children);
  return element;
}

/**
 * An icon of the sprite; give a label only when no words stand beside it.
 * The sprite's address is read from any icon the server drew (every page has the brand).
 * @param {string} name
 * @param {string} [label]
 * @returns {SVGSVGElement}
 */
export function icon(name, label) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  const sprite = document.documentElement.dataset.sprite ?? "";
  use.setAttribute("href", `${sprite}#${name}`);
  svg.setAttribute("class", "icon");
  if (label) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
  } else svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

/**
 * Listen for an event on everything that matches now or later.
 * @template {keyof DocumentEventMap} K
 * @param {K} type
 * @param {string} selector
 * @param {(element: HTMLElement, event: DocumentEventMap[K]) => void} handler
 * @returns {void}
 */
export function on(type, selector, handler) {
  document.addEventListener(type, (event) => {
    const target = event.target instanceof Element ? event.target.closest(selector) : null;
    if (target instanceof HTMLElement) handler(target, event);
  });
}

/**
 * The JSON a page carries in `<script type="application/json" id=…>`.
 * @param {string} id
 * @returns {unknown}
 */
export function data(id) {
  const element = document.getElementById(id);
  return element ? JSON.parse(element.textContent ?? "null") : null;
}

/**
 * Call `run` once the caller has been quiet for `ms` milliseconds.
 * @template {unknown[]} A
 * @param {number} ms
 * @param {(...args: A) => void} run
 * @returns {(...args: A) => void}
 */
export function debounce(ms, run) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => run(...args), ms);
  };
}
