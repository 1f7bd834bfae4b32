import assert from "node:assert/strict";
import { test } from "node:test";

import { cleanPaste } from "../src/paste.js";

test("what a word processor leaves is made plain", () => {
  assert.equal(
    cleanPaste("Bonjour\u00a0Maître,\r\n\r\n\r\n\r\n\uf0b7\tpremier\u00ad point  \r\n·\u00a0\u00a0second\ufeff\vfin\u200b"),
    "Bonjour\u00a0Maître,\n\n- premier point\n- second\nfin",
  );
});

test("ordinary text is left as it is", () => {
  for (const text of ["", "art. L. 1111-8, II", "o si vous voulez", "- un\n- deux\n\n« fin » 😀"]) assert.equal(cleanPaste(text), text);
});
