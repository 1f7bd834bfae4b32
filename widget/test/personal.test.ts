import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { mask } from "../src/personal.js";

interface Case {
  text: string;
  masked: string;
}

const cases: Case[] = JSON.parse(readFileSync("../tests/data/donnees_patient.json", "utf8"));

test("patient data is found as the server finds it", () => {
  assert.ok(cases.length > 40);
  for (const { text, masked } of cases) {
    const found = mask(text);
    assert.equal(found.text, masked, text);
    assert.equal(found.found.length > 0, text !== masked, text);
  }
});

test("masking twice changes nothing more, and long texts take no time", () => {
  for (const { masked } of cases) assert.equal(mask(masked).text, masked);
  for (const text of ["M. ", "Mme de la ", "0", "1 ", "né le ", "a@", "É", "Mme A."]) mask(text.repeat(4000));
});
