import assert from "node:assert/strict";
import { test } from "node:test";

import { contrast, legible, readColour } from "../src/colour.js";

test("a colour is read in both lengths, and nothing else is", () => {
  assert.deepEqual(readColour("#16405b"), [22, 64, 91]);
  assert.deepEqual(readColour(" #FFF "), [255, 255, 255]);
  for (const text of ["", "red", "#12", "#12345g", "rgb(1 2 3)", "#16405b;color:red"]) assert.equal(readColour(text), null);
});

test("contrast is WCAG's", () => {
  assert.equal(contrast([0, 0, 0], [255, 255, 255]), 21);
  assert.ok(Math.abs(contrast([119, 119, 119], [255, 255, 255]) - 4.48) < 0.01);
});

test("a colour that can be read is kept, another is moved just enough", () => {
  assert.deepEqual(legible([22, 64, 91], [255, 255, 255]), [22, 64, 91]);
  for (const [colour, ground] of [
    [[255, 220, 0], [255, 255, 255]],
    [[10, 30, 60], [18, 23, 27]],
    [[128, 128, 128], [128, 128, 128]],
  ] as [[number, number, number], [number, number, number]][]) {
    const moved = legible(colour, ground);
    assert.ok(contrast(moved, ground) >= 4.5, `${moved}`);
  }
  const hue = legible([255, 220, 0], [255, 255, 255]);
  assert.ok(hue[0] > hue[1] && hue[1] > hue[2]);
});
