import { readdirSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import { type AST, RegExpParser, visitRegExpAST } from '@eslint-community/regexpp';
import { tokenizer } from 'acorn';
import { analyse } from 'scslre';

/** Something that may take longer than its input is long, or whose cost is not known. */
export interface Costly {
  /** Below `src`. */
  readonly file: string;
  /** As it stands there. */
  readonly what: string;
  readonly why: 'super-linear' | 'nested repetition' | 'unanchored repetition' | 'not a literal' | 'by name';
}

/** A token, as far as acorn's own types do not say it. */
interface Read {
  readonly type: { readonly label: string };
  readonly value: string | { readonly pattern: string; readonly flags: string };
}

/** Where a caller's bytes go before anything is proven. Elsewhere a pattern must be linear, and here also look like it. */
const ofCallers = /^(?:core|grpc|http|http2|lib)\//;
/** Repeated more often than this, it grows with the input. */
const bounded = 100;
const src = fileURLToPath(new URL('../../src', import.meta.url));

/** Every regular expression of the source, and what else reads text in a way that has a cost of its own. */
export function costlyPatterns(): readonly Costly[] {
  return readdirSync(src, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => costlyIn(readFileSync(`${src}/${file}`, 'utf8'), file));
}

/** The same of one file's text. */
export function costlyIn(source: string, file: string): readonly Costly[] {
  const found: Costly[] = [];
  const code = stripTypeScriptTypes(source);
  const tokens: readonly Read[] = [
    ...tokenizer(code, { ecmaVersion: 'latest', sourceType: 'module' }),
  ] as never;
  for (const [index, { type, value }] of tokens.entries()) {
    if (type.label === 'regexp' && typeof value === 'object') {
      const why = costOf(value.pattern, value.flags, ofCallers.test(file));
      if (why) found.push({ file, what: `/${value.pattern}/${value.flags}`, why });
    } else if (type.label === 'name' && typeof value === 'string') {
      const before = tokens[index - 1];
      if (value === 'RegExp' && before?.value === 'new')
        found.push({ file, what: 'new RegExp', why: 'not a literal' });
      if (value === 'URLSearchParams' && before?.value === 'new')
        found.push({ file, what: 'new URLSearchParams', why: 'by name' });
      if (/^trim(?:Start|End)?$/.test(value) && ofCallers.test(file))
        found.push({ file, what: `.${value}()`, why: 'by name' });
    }
  }
  return found;
}

function costOf(pattern: string, flags: string, strict: boolean): Costly['why'] | undefined {
  const { reports } = analyse(new RegExp(pattern, flags), {
    reportTypes: { Move: true, Self: true, Trade: true },
  });
  if (reports.length > 0) return 'super-linear';
  return strict
    ? shapeOf(new RegExpParser().parsePattern(pattern, 0, pattern.length, { unicode: /[uv]/.test(flags) }))
    : undefined;
}

/** A repetition inside of another one, or one that may begin anywhere. */
function shapeOf(pattern: AST.Pattern): Costly['why'] | undefined {
  let why: Costly['why'] | undefined;
  visitRegExpAST(pattern, {
    onQuantifierEnter(quantifier) {
      const outer = outerOf(quantifier);
      if (quantifier.max > 1 && outer.some(({ max }) => max > bounded)) why ??= 'nested repetition';
      if (quantifier.max > bounded && pattern.alternatives.some(isUnanchored))
        why ??= 'unanchored repetition';
    },
  });
  return why;
}

function outerOf(quantifier: AST.Quantifier): readonly AST.Quantifier[] {
  const found: AST.Quantifier[] = [];
  for (let node: AST.Node | null = quantifier.parent as AST.Node; node; node = node.parent)
    if (node.type === 'Quantifier') found.push(node);
  return found;
}

function isUnanchored({ elements: [first] }: AST.Alternative): boolean {
  return !(first?.type === 'Assertion' && first.kind === 'start');
}
