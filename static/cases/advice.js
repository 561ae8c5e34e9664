/** Drafting recommendations: texts are checked for identifiers while they are typed. */
import { start } from "cases/deid-field.js";
import "cases/letter.js";

void start();
