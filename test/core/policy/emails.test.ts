import { inspect } from 'node:util';
import test from 'ava';
import { createCheckWorld } from '../../support/check-world.ts';
import { isAllowed, isRefused } from '../../support/expected-answers.ts';
import { createSigner } from '../../support/jwt-signer.ts';
import { goodClaims, inlineIssuer } from '../../support/token-fixture.ts';

const signer = createSigner('ES256');
const world = await createCheckWorld({
  issuers: { corp: inlineIssuer([signer]) },
  rules: [
    {
      name: 'emails',
      match: { paths: ['/emails'] },
      require: { emails: ['a@x.example'], binding: ['none'] },
    },
    {
      name: 'domains',
      match: { paths: ['/domains'] },
      require: { emailDomains: ['example.com', '.example.org'], binding: ['none'] },
    },
    {
      name: 'both',
      match: { paths: ['/both'] },
      require: { emails: ['a@x.example'], emailDomains: ['example.com'], binding: ['none'] },
    },
  ],
});
const ask = (path: string, claims: object) =>
  world.check({ path, token: signer.sign(goodClaims({ ...claims })) });

const passing: [string, object][] = [
  ['/emails', { email: 'a@x.example' }],
  ['/emails', { email: 'a@x.example', email_verified: true }],
  ['/domains', { email: 'b@example.com' }],
  ['/domains', { email: 'b@Example.COM' }],
  ['/domains', { email: 'b@eu.example.org' }],
];
for (const [path, claims] of passing)
  test(`emails – ${path} lets ${JSON.stringify(claims)} pass`, async (t) => {
    isAllowed(t, await ask(path, claims));
  });

const refused: [string, object][] = [
  ['/emails', {}],
  ['/emails', { email: 'A@x.example' }],
  ['/emails', { email: ['a@x.example'] }],
  ['/emails', { email: 'a@x.example', email_verified: false }],
  // Entra ID writes what a tenant says, and does not say whether it was proven.
  ['/emails', { email: 'a@x.example', email_verified: undefined }],
  ['/domains', { email: 'b@example.com', email_verified: undefined }],
  ['/domains', { email: 'b@example.org' }],
  ['/domains', { email: 'b@evil.example@example.com' }],
  ['/domains', { email: 'b@example.com.evil.example' }],
  ['/domains', { sub: 'b@example.com' }],
  ['/both', { email: 'a@x.example' }],
  ['/both', { email: 'b@example.com' }],
];
for (const [path, claims] of refused)
  test(`emails – ${path} refuses ${inspect(claims)} (CVE-2026-40574)`, async (t) => {
    isRefused(t, await ask(path, claims), 'email_not_allowed');
  });
