import { styleText } from 'node:util';

export type Style = Parameters<typeof styleText>[0];

/** Colours a text, or returns it as it is. The text must not hold control characters. */
export type Paint = (style: Style, text: string) => string;

export const colorChoices = ['auto', 'always', 'never'] as const;
export type ColorChoice = (typeof colorChoices)[number];

/** `auto` is colour on a terminal, unless NO_COLOR or the kind of the terminal speaks against it. */
export function createPaint(when: ColorChoice, output: NodeJS.WritableStream): Paint {
  const isColoured = when === 'always' || (when === 'auto' && hasColours(output));
  // It would ask the stream again for each text.
  return isColoured ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text;
}

function hasColours(output: NodeJS.WritableStream & { hasColors?: () => boolean }): boolean {
  return output.hasColors?.() ?? false;
}
