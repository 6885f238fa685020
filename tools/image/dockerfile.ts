/** What the final stage of the Dockerfile says: the one source of the image's files, user, ports and command. */
export interface FinalStage {
  /** The base with its tag, and the digest of its index. */
  readonly base: { readonly name: string; readonly digest: string };
  readonly labels: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly user: string;
  readonly ports: readonly number[];
  readonly entryPoint: readonly string[];
  readonly command: readonly string[];
  readonly copies: readonly Copy[];
}

export interface Copy {
  /** False: from the repository. True: the build stage made it. */
  readonly built: boolean;
  readonly from: string;
  readonly to: string;
}

/**
 * Reads the final stage of our Dockerfile. HEALTHCHECK is left out, because an OCI image cannot have one.
 *
 * @param args the values of its ARGs that differ from their defaults
 * @throws an Error that names an instruction, or a form of one, that it does not know. It is no parser of every Dockerfile.
 */
export function finalStage(text: string, args: Readonly<Record<string, string>> = {}): FinalStage {
  const all = instructions(text);
  const stage = all.slice(all.findLastIndex(([name]) => name === 'FROM'));
  const unknown = stage.find(([name]) => !known.includes(name));
  if (unknown)
    throw new Error(`Dockerfile: the final stage has ${unknown[0]}, which npm run image does not know`);
  const values = (name: string) => stage.filter((one) => one[0] === name).map(([, value]) => value);
  const one = (name: string) => only(name, values(name));
  const defaults = values('ARG').flatMap(pairs);
  const filled = (value: string) => fill(value, { ...Object.fromEntries(defaults), ...args });
  const [name = '', digest = ''] = one('FROM').split('@');
  return {
    base: { name, digest },
    labels: Object.fromEntries(
      values('LABEL')
        .flatMap(pairs)
        .map(([key, value]) => [key, filled(value)]),
    ),
    env: Object.fromEntries(values('ENV').flatMap(pairs)),
    folder: one('WORKDIR'),
    user: one('USER'),
    ports: one('EXPOSE').split(' ').map(Number),
    entryPoint: JSON.parse(one('ENTRYPOINT')),
    command: JSON.parse(one('CMD')),
    copies: values('COPY').map(copy),
  };
}

const known = [
  ...['FROM', 'ARG', 'LABEL', 'ENV', 'WORKDIR', 'COPY', 'USER', 'EXPOSE', 'HEALTHCHECK', 'ENTRYPOINT', 'CMD'],
];

type Instruction = readonly [name: string, value: string];

/** Each with its value, comments left out and continued lines joined. */
export function instructions(text: string): readonly Instruction[] {
  return text
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [name = '', ...rest] = line.split(' ');
      return [name, rest.join(' ').trim()];
    });
}

function only(name: string, values: readonly string[]): string {
  const [value, ...more] = values;
  if (value === undefined || more.length > 0)
    throw new Error(`Dockerfile: the final stage must have one ${name}, and has ${values.length}`);
  return value;
}

/** `KEY=value` and `KEY="a value"`, one or more. */
function pairs(text: string): [string, string][] {
  return [...text.matchAll(/([\w.]+)=(?:"([^"]*)"|(\S+))/g)].map(([, key = '', quoted, bare]) => [
    key,
    quoted ?? bare ?? '',
  ]);
}

function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
}

function copy(text: string): Copy {
  const words = /^(--from=build )?(\S+) (\S+)$/.exec(text);
  if (!words) throw new Error(`Dockerfile: npm run image copies one path at a time, and not: COPY ${text}`);
  const [, built, from = '', to = ''] = words;
  return { built: built !== undefined, from, to };
}
