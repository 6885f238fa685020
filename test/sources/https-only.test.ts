import test from 'ava';
import { mayBeAsked, mayLeadTo } from '../../src/sources/https-only.ts';

const url = (text: string) => new URL(text);

for (const [text, plain, named] of [
  ['https://a.example', true, true],
  ['http://a.example', false, true],
  ['http://127.0.0.1:8080', true, true],
  ['http://[::1]:8080', true, true],
  ['http://localhost', true, true],
  ['http://localhost.evil.example', false, true],
  ['http://127.0.0.1.evil.example', false, true],
  ['http://169.254.169.254', false, true],
  ['file:///etc/passwd', false, false],
] as const)
  test(`an issuer at ${text} – may${plain ? '' : ' not'} be asked; ${named ? '' : 'not even '}with allowInsecureHttp`, (t) => {
    t.is(mayBeAsked(url(text), false), plain);
    t.is(mayBeAsked(url(text), true), named);
  });

for (const [from, to, insecure, may] of [
  ['https://a.example', 'https://keys.example', false, true],
  ['https://a.example', 'http://a.example', false, false],
  ['https://a.example', 'http://a.example', true, false],
  ['https://a.example', 'http://127.0.0.1', false, false],
  ['http://127.0.0.1', 'http://127.0.0.1:81', false, true],
  ['http://127.0.0.1', 'http://a.example', false, false],
  ['http://a.example', 'http://a.example/keys', true, true],
  ['http://127.0.0.1', 'file:///etc/passwd', true, false],
] as const)
  test(`metadata from ${from} – may${may ? '' : ' not'} lead to ${to}${insecure ? ' with allowInsecureHttp' : ''}`, (t) => {
    t.is(mayLeadTo(url(from), url(to), insecure), may);
  });
