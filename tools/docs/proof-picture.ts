/** What a picture of a proof shows: what is in the token, what its sender shows, and what a thief lacks. */
export interface Picture {
  /** On the way from the sender to Peerproof. */
  readonly carrier: string;
  readonly inToken: string;
  /** Undefined: nothing, so nothing is compared. */
  readonly shown?: string;
  /** Continues "A thief has the token,", or has what `parts` says. */
  readonly thief: string;
  /** Where nothing is a token. Default: a token of an issuer. */
  readonly parts?: {
    readonly from: string;
    readonly thing: string;
    readonly known: string;
    readonly stolen: string;
  };
  /** The whole picture in sentences, for those who do not see it. */
  readonly says: string;
}

interface Colors {
  readonly text: string;
  readonly faint: string;
  readonly line: string;
  readonly box: string;
  readonly blue: string;
  readonly green: string;
  readonly red: string;
}

const ofToken = { from: 'issuer', thing: 'token', known: 'in the token', stolen: 'the token' };

/** Those of the other pictures. */
export const themes = {
  light: {
    ...{ text: '#1f2328', faint: '#59636e', line: '#8c959f', box: '#f6f8fa' },
    ...{ blue: '#0969da', green: '#1a7f37', red: '#cf222e' },
  },
  dark: {
    ...{ text: '#e6edf3', faint: '#9198a1', line: '#6e7681', box: '#161b22' },
    ...{ blue: '#4493f8', green: '#3fb950', red: '#f85149' },
  },
} as const satisfies Record<string, Colors>;

export type Theme = keyof typeof themes;

/** The most characters of one line in a card. */
export const widest = 48;

/** The picture of one proof as SVG. Its texts are ASCII without markup. */
export function drawProof(
  name: string,
  { carrier, inToken, shown, thief, parts = ofToken, says }: Picture,
  theme: Theme,
): string {
  const colors: Colors = themes[theme];
  const { line, blue, green, red } = colors;
  const box = (x: number, y: number, width: number, title: string, below: string, stroke = line) => [
    `<rect x="${x}" y="${y}" width="${width}" height="52" rx="8" fill="${colors.box}" stroke="${stroke}"/>`,
    text(x + width / 2, y + 23, title, { size: 15, weight: 600, fill: colors.text }),
    text(x + width / 2, y + 42, below, { size: 12, fill: colors.faint }),
  ];
  const arrow = (from: number, to: number, y: number, label: string) => [
    `<path d="M${from} ${y} H${to - 2}" fill="none" stroke="${line}" stroke-width="1.5" marker-end="url(#a)"/>`,
    text((from + to) / 2, y - 8, label, { size: 12, fill: colors.faint }),
  ];
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 780 222" font-family="ui-sans-serif, system-ui, sans-serif" role="img" aria-label="${says}">`,
    `<title>${name}</title>`,
    `<defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="${line}"/></marker></defs>`,
    ...box(10, 14, 150, parts.from, `signs the ${parts.thing}`),
    ...arrow(160, 250, 40, parts.thing),
    ...box(250, 14, 150, 'sender', `has the ${parts.thing}`),
    ...arrow(400, 620, 40, carrier),
    ...box(620, 14, 150, 'Peerproof', 'behind the proxy', blue),
    ...box(10, 112, 350, parts.known, inToken),
    text(390, 98, `Peerproof compares${shown ? '' : ' nothing'}`, { size: 12, fill: colors.faint }),
    text(390, 145, shown ? '=' : '?', { size: 24, weight: 600, fill: shown ? green : red }),
    ...box(420, 112, 350, 'shown by the sender', shown ?? 'nothing'),
    text(390, 202, `A thief has ${parts.stolen}, ${thief}.`, { size: 13, fill: red }),
    '</svg>',
  ].join('\n')}\n`;
}

function text(
  x: number,
  y: number,
  words: string,
  { size, weight, fill }: { readonly size: number; readonly weight?: number; readonly fill: string },
): string {
  const bold = weight === undefined ? '' : ` font-weight="${weight}"`;
  return `<text x="${x}" y="${y}" text-anchor="middle" font-size="${size}"${bold} fill="${fill}">${words}</text>`;
}
