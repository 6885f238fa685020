import { createSigner } from '../support/jwt-signer.ts';
import { inlineIssuer, OTHER_ISSUER } from '../support/token-fixture.ts';
import {
  answers,
  carries,
  claims as claimsOf,
  corp,
  migrated,
  now,
  passes,
  refused,
  type Shows,
  sign,
  signByPartner,
  startWorld,
  withIdentity,
} from './world.ts';

const unverified = { email: 'alice@example.com', email_verified: false };

/** What is read of a token, and which tokens count. */
export const claims: Shows<
  | 'another e-mail claim'
  | 'another groups claim'
  | 'a scalar as groups'
  | 'email_verified: false'
  | 'email_verified: false, allowed'
  | 'email_verified: false of another claim'
  | 'several audiences'
  | 'several issuers'
  | 'prefer-email-to-user'
  | 'a nested claim'
  | 'groups that are not text'
  | 'oidc-audience-claim'
  | 'an ID token'
  | 'a token with cnf'
  | 'an expired token'
  | 'a token of the future'
  | 'algorithms'
> = {
  async 'another e-mail claim'(t) {
    const world = await withIdentity({ claims: { email: 'upn' } });
    const token = sign({ upn: 'a@b.example', email: 'c@d.example' });
    await carries(t, { token }, { 'x-auth-request-email': 'a@b.example' }, world);
    await carries(t, { token: sign({ email: 'c@d.example' }) }, { 'x-auth-request-email': 'alice' }, world);
  },
  async 'another groups claim'(t) {
    const world = await withIdentity({ claims: { groups: 'roles' } });
    const token = sign({ roles: ['x', 'y'], groups: ['z'] });
    await carries(t, { token }, { 'x-auth-request-groups': 'x,y' }, world);
  },
  async 'a scalar as groups'(t) {
    await carries(t, { token: sign({ groups: 'staff' }) }, { 'x-auth-request-groups': 'staff' });
    await answers(t, { token: sign({ groups: 'admin' }), path: '/admin/x' }, passes);
  },
  async 'email_verified: false'(t) {
    for (const verified of [false, 'false', 'False', 'no', 0])
      await answers(t, { token: sign({ ...unverified, email_verified: verified }) }, refused);
    await answers(t, { token: sign({ ...unverified, email_verified: true }) }, passes);
  },
  async 'email_verified: false, allowed'(t) {
    const world = await withIdentity({ allowInsecureUnverifiedEmail: true });
    await carries(t, { token: sign(unverified) }, { 'x-auth-request-email': 'alice@example.com' }, world);
  },
  async 'email_verified: false of another claim'(t) {
    const world = await withIdentity({ claims: { email: 'upn' } });
    const token = sign({ ...unverified, upn: 'a@b.example' });
    await carries(t, { token }, { 'x-auth-request-email': 'a@b.example' }, world);
  },
  async 'several audiences'(t) {
    for (const aud of ['orders', 'orders-extra', ['other', 'orders-extra']])
      await answers(t, { token: sign({ aud }) }, passes);
    for (const aud of ['other', ['a', 'b'], [], undefined])
      await answers(t, { token: sign({ aud }) }, refused);
  },
  async 'several issuers'(t) {
    await carries(t, { token: signByPartner() }, { 'x-auth-request-user': 'alice' });
    await answers(t, { token: signByPartner({ aud: 'orders' }) }, refused);
    await answers(t, { token: sign({ iss: 'https://nobody.example' }) }, refused);
  },
  async 'prefer-email-to-user'(t) {
    const world = await withIdentity({
      headers: { 'x-auth-request-user': { from: 'x-auth-request-email' } },
    });
    const token = sign({ email: 'alice@example.com' });
    await carries(t, { token }, { 'x-auth-request-user': 'alice@example.com' }, world);
    await carries(t, { token: sign() }, { 'x-auth-request-user': 'alice' }, world);
  },
  async 'a nested claim'(t) {
    const token = sign({ realm_access: { roles: ['x', 'y'] }, 'realm_access.roles': ['dotted'] });
    const pointer = await withIdentity({ claims: { groups: '/realm_access/roles' } });
    await carries(t, { token }, { 'x-auth-request-groups': 'x,y' }, pointer);
    const dotted = await withIdentity({ claims: { groups: 'realm_access.roles' } });
    await carries(t, { token }, { 'x-auth-request-groups': 'dotted' }, dotted);
  },
  async 'groups that are not text'(t) {
    const groups = [7, true, { name: 'x' }, ['y'], 'z'];
    await carries(t, { token: sign({ groups }) }, { 'x-auth-request-groups': 'z' });
    await carries(t, { token: sign({ groups: 7 }) }, { 'x-auth-request-groups': undefined });
  },
  async 'oidc-audience-claim'(t) {
    for (const claim of ['azp', 'client_id', 'appid'])
      await answers(t, { token: sign({ aud: undefined, [claim]: 'orders' }) }, refused);
  },
  async 'an ID token'(t) {
    for (const mark of ['nonce', 'at_hash', 'c_hash'])
      await answers(t, { token: sign({ [mark]: 'x' }) }, refused);
    await answers(t, { token: sign({ typ: 'ID' }) }, refused);
  },
  async 'a token with cnf'(t) {
    await answers(t, { token: sign({ cnf: { 'x5t#S256': 'A'.repeat(43) } }) }, refused);
    await answers(t, { token: sign({ cnf: { jkt: 'A'.repeat(43) } }) }, refused);
  },
  async 'an expired token'(t) {
    await answers(t, { token: sign({ exp: now() - 10 }) }, passes);
    await answers(t, { token: sign({ exp: now() - 60 }) }, refused);
    const issuers = { corp: inlineIssuer([corp], { clockSkew: '0s' }) };
    const strict = await startWorld({ issuers, rules: [{ name: 'any', require: { binding: ['none'] } }] });
    await answers(t, { token: sign({ exp: now() - 10 }) }, refused, strict);
  },
  async 'a token of the future'(t) {
    await answers(t, { token: sign({ nbf: now() + 10 }) }, passes);
    await answers(t, { token: sign({ nbf: now() + 240 }) }, refused);
    const issuers = { ...migrated.issuers, corp: inlineIssuer([corp], { clockSkew: '5m' }) };
    await answers(t, { token: sign({ nbf: now() + 240 }) }, passes, await startWorld({ issuers }));
  },
  async algorithms(t) {
    for (const algorithm of ['PS256', 'ES256', 'ES384', 'EdDSA'] as const) {
      const signer = createSigner(algorithm);
      const issuers = { ...migrated.issuers, partner: inlineIssuer([signer], { issuer: OTHER_ISSUER }) };
      const token = signer.sign(claimsOf({ iss: OTHER_ISSUER }));
      await answers(t, { token }, passes, await startWorld({ issuers }));
    }
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${sign().split('.')[1]}.`;
    await answers(t, { token: none }, refused);
    await answers(t, { token: sign({}, { alg: 'HS256' }) }, refused);
  },
};
