// What the page's import map does, for Node.js: "core/dom.js" is static/core/dom.js, and every
// script under static/ is a module. Used as `node --import ./tests/tools/import_map.js`.

import {register} from "node:module";

const hooks = `
const root = ${JSON.stringify(new URL("../../static/", import.meta.url).href)};
const rooms = /^(core|live|cases|vendor)\\//;

export async function resolve(specifier, context, next) {
  const wanted = rooms.test(specifier) ? new URL(specifier, root).href : specifier;
  const found = await next(wanted, context);
  return found.url.startsWith(root) && found.url.endsWith(".js")
    ? {...found, format: "module"}
    : found;
}
`;

register("data:text/javascript," + encodeURIComponent(hooks));
