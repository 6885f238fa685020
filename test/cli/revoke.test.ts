import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { main } from '../../src/main.ts';

const directory = mkdtempSync(join(tmpdir(), 'peerproof-test-'));
test.after.always(() => rmSync(directory, { recursive: true }));
const config = join(directory, 'peerproof.yaml');
const file = join(directory, 'revocations.jsonl');
const without = join(directory, 'without.yaml');
const common = `issuers: {login: {issuer: "https://login.example.com", audiences: [orders]}}\nrules: [{name: all}]\n`;
writeFileSync(config, `${common}revocation: {file: revocations.jsonl, keep: 10h}\n`);
writeFileSync(without, common);
test.beforeEach(() => writeFileSync(file, ''));

async function revoke(...args: readonly string[]) {
  const ended = { code: 0, out: '', error: '' };
  const { stdout, stderr } = process;
  const written = [stdout.write, stderr.write] as const;
  const collect = (stream: 'out' | 'error') => (text: string | Uint8Array) => {
    ended[stream] += String(text);
    return true;
  };
  [stdout.write, stderr.write] = [collect('out'), collect('error')];
  try {
    ended.code = await main(['revoke', '--config', config, ...args]);
  } finally {
    [stdout.write, stderr.write] = written;
  }
  return ended;
}

const kept = () =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

test.serial('revoke – each option becomes a revocation of its kind', async (t) => {
  const args = ['--jti', 'a', '--jti', 'b', '--subject', 'alice', '--client', 'shop', '--session', 's'];
  const { code, out, error } = await revoke(...args, '--spiffe-id', 'spiffe://x/y', '--reason', 'stolen');
  t.is(code, 0, error);
  t.is(out.match(/^revoked: /gm)?.length, 6);
  t.deepEqual(
    kept().map(({ kind, value, issuedBefore }) => [kind, value, issuedBefore !== undefined]),
    [
      ['jti', 'a', false],
      ['jti', 'b', false],
      ['subject', 'alice', true],
      ['client', 'shop', true],
      ['session', 's', false],
      ['spiffeId', 'spiffe://x/y', true],
    ],
  );
  for (const { by, until } of kept()) {
    t.is(by, 'peerproof revoke: stolen');
    t.true(Math.abs(Date.parse(until) - Date.now() - 36_000_000) < 60_000);
  }
  t.deepEqual(readdirSync(directory).toSorted(), ['peerproof.yaml', 'revocations.jsonl', 'without.yaml']);
});

test.serial('revoke – issuer, time and life are those that were asked for', async (t) => {
  const at = '2026-12-01T12:00:00.000Z';
  await revoke('--subject', 'alice', '--issuer', 'login', '--issued-before', at, '--for', '5m');
  await revoke('--subject', 'bob', '--issued-before', 'all');
  await revoke('--issuer', 'login', '--issued-before', '10m');
  const [alice, bob, all] = kept();
  t.like(alice, { issuer: 'login', issuedBefore: at });
  t.true(Math.abs(Date.parse(alice.until) - Date.now() - 300_000) < 60_000);
  t.is(bob.issuedBefore, undefined);
  t.like(all, { kind: 'all', issuer: 'login' });
  t.true(Math.abs(Date.parse(all.issuedBefore) - Date.now() + 600_000) < 60_000);
});

test.serial('revoke – a revocation is listed, and taken back by its name', async (t) => {
  await revoke('--jti', 'a', '--subject', 'alice');
  await revoke('--issuer', 'login', '--issued-before', 'now');
  const listed = await revoke('--list');
  t.regex(listed.out, /^jti "a", until 20\S+ \(peerproof revoke\)$/m);
  t.regex(listed.out, /^every token of the issuer login, issued before 20\S+, until/m);
  t.is(listed.error, '3 revocations\n');
  t.deepEqual(
    (await revoke('--list', '--format', 'json')).out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)).length,
    3,
  );
  t.is((await revoke('--undo', '--jti', 'a')).out, 'taken back: jti "a"\n');
  t.is((await revoke('--undo', '--issuer', 'login')).out, 'taken back: every token of the issuer login\n');
  const missed = await revoke('--undo', '--jti', 'a', '--subject', 'alice');
  t.is(missed.code, 1);
  t.is(missed.error, 'not revoked: jti "a"\n');
  t.deepEqual(kept(), []);
});

test.serial('revoke – what has expired is forgotten', async (t) => {
  writeFileSync(file, '{"kind":"jti","value":"old","until":"2020-01-01T00:00:00Z"}\n');
  t.is((await revoke('--list')).error, '0 revocations\n');
  await revoke('--jti', 'a');
  t.deepEqual(
    kept().map(({ value }) => value),
    ['a'],
  );
});

const misuses: Readonly<Record<string, readonly [RegExp, ...string[]]>> = {
  'no name': [/^name what is revoked: --jti/],
  'a time without a name or an issuer': [/^name what is revoked/, '--issued-before', 'now'],
  'an issuer for good': [/refuse an issuer for good/, '--issuer', 'login', '--issued-before', 'all'],
  'an unknown issuer': [
    /must be the name of an issuer of the configuration: login/,
    '--jti',
    'a',
    '--issuer',
    'x',
  ],
  'a time that is none': [/--issued-before must be now, all/, '--jti', 'a', '--issued-before', 'soon'],
  'a life that is none': [/--for must be a duration/, '--jti', 'a', '--for', 'ever'],
  'a life that is too long': [/--for must be at most revocation\.keep/, '--jti', 'a', '--for', '11h'],
  'an empty name': [/--jti must have 1 to 2048/, '--jti', ''],
  'a list and a name': [/--list cannot be combined with --jti/, '--list', '--jti', 'a'],
  'a list and undo': [/--list cannot be combined with --undo/, '--list', '--undo'],
  'undo and a life': [/--undo cannot be combined with --for/, '--undo', '--jti', 'a', '--for', '1h'],
  'an unknown format': [/--format must be text or json/, '--list', '--format', 'xml'],
};
for (const [what, [message, ...args]] of Object.entries(misuses))
  test.serial(`revoke – ${what} is a misuse`, async (t) => {
    const { code, error } = await revoke(...args);
    t.is(code, 2);
    t.regex(error, message);
    t.deepEqual(kept(), []);
  });

test.serial('revoke – without a place for revocations, it says which setting is missing', async (t) => {
  const { code, error } = await revoke('--config', without, '--jti', 'a');
  t.is(code, 1);
  t.regex(error, /without\.yaml: revocation: is missing: add /);
});

test.serial('revoke – a file that cannot be understood stays as it is', async (t) => {
  writeFileSync(file, '# by hand\n{"kind":"jti"}\n');
  const { code, error } = await revoke('--jti', 'a');
  t.is(code, 1);
  t.regex(error, /revocations\.jsonl line 2: until must be a time/);
  t.is(readFileSync(file, 'utf8'), '# by hand\n{"kind":"jti"}\n');
});
