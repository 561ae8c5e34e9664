/** The desk: what is written to the author is checked for identifiers while it is typed. */
import { start } from "cases/deid-field.js";

void start();
