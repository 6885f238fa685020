import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { runProgram } from '../cli/program.ts';

const example = fileURLToPath(new URL('../../examples/teams/', import.meta.url));
const page = readFileSync(new URL('../../docs/teams.md', import.meta.url), 'utf8');
const read = (name: string) => readFileSync(join(example, name), 'utf8');

/** A copy of the example that may be changed. */
function copy(t: ExecutionContext): {
  folder: string;
  replace(name: string, from: string, to: string): void;
} {
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-teams-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  cpSync(example, folder, { recursive: true });
  return {
    folder,
    replace(name, from, to) {
      const text = readFileSync(join(folder, name), 'utf8');
      t.true(text.includes(from), `${name} holds ${from}`);
      writeFileSync(join(folder, name), text.replace(from, to));
    },
  };
}

test('teams – docs/teams.md shows the files of the example', (t) => {
  const platform = read('peerproof.yaml')
    .replace(/^(?:#.*\n)+/, '')
    .replace(/^listen: .*\n/m, '')
    .replace(/^include: .*\n/m, '');
  t.true(page.includes(platform));
  t.true(page.includes(read('rules.d/payments.yaml').replace(/^#.*\n/, '')));
});

test('teams – the example is valid, and its tests pass', async (t) => {
  const valid = await runProgram(example, ['validate', '--strict']);
  t.is(valid.code, 0, valid.error);
  t.regex(valid.out, /valid: 1 issuers, 5 rules/);
  const { out, code } = await runProgram(example, ['test', 'shop.test.yaml']);
  t.is(code, 0, out);
});

test('teams – validate, test, diff and explain refuse a file beyond its delegation, with its line', async (t) => {
  const { folder, replace } = copy(t);
  replace('rules.d/payments.yaml', 'ns/payments/sa/api', 'ns/catalog/sa/api');
  const line =
    'rules.d/payments.yaml:6: rules[0].match.destinations[0]: is beyond what is delegated to payments: "spiffe://cluster.local/ns/catalog/sa/api"; its destinations are spiffe://cluster.local/ns/payments/sa/*';
  t.true(page.includes(line));
  for (const args of [
    ['validate'],
    ['test', 'shop.test.yaml'],
    ['diff', 'peerproof.yaml', 'peerproof.yaml'],
    ['explain', '--host', 'payments'],
  ]) {
    const { code, out, error } = await runProgram(folder, args);
    t.not(code, 0, args.join(' '));
    t.true(`${out}${error}`.includes(line), `${args.join(' ')}: ${out}${error}`);
  }
});

test('teams – diff compares the files of teams', async (t) => {
  const { folder, replace } = copy(t);
  replace('rules.d/payments.yaml', 'scopes: [pay]', 'scopes: []');
  const { code, out } = await runProgram(folder, ['diff', join(example, 'peerproof.yaml'), 'peerproof.yaml']);
  t.is(code, 1);
  t.regex(out, /payments\/pay/);
});

test('teams – explain proposes a change of the file of the team', async (t) => {
  const line = JSON.stringify({
    ...{
      time: '2026-11-27T12:00:00Z',
      decision_id: 'a',
      door: 'grpc',
      effect: 'deny',
      reason: 'scope_missing',
    },
    ...{
      rule: 'payments/pay',
      method: 'POST',
      host: 'payments',
      path: '/payments',
      issuer: 'https://login.example.com',
    },
    ...{
      destination: 'spiffe://cluster.local/ns/payments/sa/api',
      spiffe_id: 'spiffe://cluster.local/ns/web/sa/shop',
    },
    ...{
      subject: 'u',
      client_id: 'web',
      token_kind: 'access-token',
      scopes: ['read'],
      detail: 'missing: pay; the token has read',
    },
  });
  const { out } = await runProgram(example, ['explain', '--line', line]);
  t.regex(out, /^\+\+\+ rules\.d\/payments\.yaml/m, out);
  t.regex(out, /A trial with it allowed the request/);
});
