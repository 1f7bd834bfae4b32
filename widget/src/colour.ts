// A site's colours, made legible: WCAG 2.2 asks 4.5 to 1 between a text and what is behind it.

type Rgb = [number, number, number];

const NEEDED = 4.5;

/** "#rgb" or "#rrggbb" as three numbers; null for anything else. */
export function readColour(text: string): Rgb | null {
  const digits = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text.trim())?.[1];
  if (!digits) return null;
  const long = digits.length === 3 ? digits.replace(/./g, "$&$&") : digits;
  return [0, 2, 4].map((at) => Number.parseInt(long.slice(at, at + 2), 16)) as Rgb;
}

function luminance(colour: Rgb): number {
  const [red, green, blue] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as Rgb;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** The contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio"). */
export function contrast(one: Rgb, other: Rgb): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

/** `colour`, darkened or lightened just enough to be read on each of `backgrounds`. */
export function legible(colour: Rgb, ...backgrounds: Rgb[]): Rgb {
  const target = luminance(backgrounds[0] as Rgb) > 0.18 ? 0 : 255;
  for (let share = 0; share < 1; share += 0.02) {
    const mixed = colour.map((part) => Math.round(part + (target - part) * share)) as Rgb;
    if (backgrounds.every((background) => contrast(mixed, background) >= NEEDED)) return mixed;
  }
  return [target, target, target];
}

export const css = (colour: Rgb): string => `rgb(${colour.join(" ")})`;
