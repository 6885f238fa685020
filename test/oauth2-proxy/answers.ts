import { createSigner } from '../support/jwt-signer.ts';
import { freePort } from '../support/ports.ts';
import { inlineIssuer } from '../support/token-fixture.ts';
import {
  answers as answersAt,
  type CachedAuthority,
  claims,
  corp,
  isEmptyJson,
  isText,
  main,
  migrated,
  now,
  passes,
  type Shows,
  sign,
  startWorld,
} from './world.ts';

/** Malformed tokens, and tokens of other issuers. */
const invalid = [
  sign({ exp: now() - 600 }),
  sign({ aud: 'other' }),
  sign({ iss: 'https://nobody.example' }),
  createSigner('RS256').sign(claims(), { kid: corp.kid }),
  'not-a-token',
  'a.b.c',
];
const goodToken = sign({ groups: ['staff'], email: 'alice@example.net' });

/** Codes and bodies. */
export const answers: Shows<
  | 'every method'
  | 'allowed, at /oauth2/auth'
  | 'allowed, elsewhere'
  | 'no token, at /oauth2/auth'
  | 'no token, elsewhere'
  | 'invalid token, at /oauth2/auth'
  | 'invalid token, elsewhere'
  | 'group refused, elsewhere'
  | 'e-mail domain refused, elsewhere'
  | 'group or e-mail domain refused, at /oauth2/auth'
  | 'WWW-Authenticate'
  | 'a malformed Authorization'
  | 'keys not available'
  | 'bearer-token-login-fallback: false'
  | 'sign-in page'
  | 'a cookie'
  | 'a token in Basic'
  | 'the case of the scheme'
> = {
  async 'every method'(t) {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'])
      await answersAt(t, { token: goodToken, method }, passes);
    await answersAt(t, { method: 'POST' }, [401, 401]);
  },
  async 'allowed, at /oauth2/auth'(t) {
    const answer = await main.auth({ token: goodToken });
    t.is(answer.status, 202);
    t.is(answer.body, '');
    t.is(answer.headers['x-auth-request-user'], 'alice');
  },
  async 'allowed, elsewhere'(t) {
    const answer = await main.check({ token: goodToken });
    t.is(answer.status, 200);
    t.is(answer.body, 'Authenticated');
    t.is(answer.headers['x-auth-request-user'], 'alice');
  },
  async 'no token, at /oauth2/auth'(t) {
    isText(t, await main.auth(), 401, 'Unauthorized');
  },
  async 'no token, elsewhere'(t) {
    isEmptyJson(t, await main.check(), 401);
    for (const accept of ['application/json', 'text/html'])
      isEmptyJson(t, await main.check({ headers: { accept } }), 401);
  },
  async 'invalid token, at /oauth2/auth'(t) {
    for (const token of invalid) isText(t, await main.auth({ token }), 401, 'Unauthorized');
  },
  async 'invalid token, elsewhere'(t) {
    for (const token of invalid) isEmptyJson(t, await main.check({ token }), 401);
  },
  async 'group refused, elsewhere'(t) {
    isEmptyJson(t, await main.check({ token: goodToken, path: '/admin/x' }), 403);
    await answersAt(t, { token: sign({ groups: ['root'] }), path: '/admin/x' }, passes);
  },
  async 'e-mail domain refused, elsewhere'(t) {
    isEmptyJson(t, await main.check({ token: goodToken, path: '/staff/x' }), 403);
    await answersAt(t, { token: sign({ email: 'a@example.com' }), path: '/staff/x' }, passes);
  },
  async 'group or e-mail domain refused, at /oauth2/auth'(t) {
    for (const path of ['/admin/x', '/staff/x']) {
      const answer = await main.auth({ token: goodToken, path });
      isText(t, answer, 403, 'Forbidden');
      t.false('www-authenticate' in answer.headers);
    }
  },
  async 'WWW-Authenticate'(t) {
    for (const ask of [main.auth, main.check]) {
      t.is((await ask()).headers['www-authenticate'], 'Bearer realm="peerproof"');
      for (const token of invalid)
        t.regex((await ask({ token })).headers['www-authenticate'] ?? '', /^Bearer .*error="invalid_token"/);
    }
  },
  async 'a malformed Authorization'(t) {
    for (const authorization of [
      'Bearer',
      'Bearer  x',
      `Bearer ${goodToken} x`,
      `Bearer ${goodToken},Bearer x`,
    ]) {
      isText(t, await main.auth({ authorization }), 400, 'Bad Request');
      isEmptyJson(t, await main.check({ authorization }), 400);
    }
  },
  async 'keys not available'(t) {
    const jwksUri = `http://127.0.0.1:${await freePort()}/keys`;
    const { jwks: _, ...issuer } = inlineIssuer([corp]);
    const world = await startWorld({ issuers: { ...migrated.issuers, corp: { ...issuer, jwksUri } } });
    const [atAuth, elsewhere] = [await world.auth({ token: sign() }), await world.check({ token: sign() })];
    isText(t, atAuth, 503, 'Service Unavailable');
    isEmptyJson(t, elsewhere, 429);
    for (const { headers } of [atAuth, elsewhere]) {
      t.regex(headers['retry-after'] ?? '', /^[1-9]\d*$/);
      t.false('www-authenticate' in headers);
    }
  },
  async 'bearer-token-login-fallback: false'(t) {
    for (const token of invalid) await answersAt(t, { token }, [401, 401]);
  },
  async 'sign-in page'(t) {
    const browser: CachedAuthority = { headers: { accept: 'text/html,*/*', 'user-agent': 'Mozilla/5.0' } };
    for (const ask of [main.auth, main.check]) {
      const answer = await ask(browser);
      t.is(answer.status, 401);
      t.notRegex(answer.body, /</);
      t.false('location' in answer.headers);
    }
  },
  async 'a cookie'(t) {
    for (const ask of [main.auth, main.check]) {
      const answer = await ask({ headers: { cookie: `_oauth2_proxy=${goodToken}` } });
      t.is(answer.status, 401);
      t.false('set-cookie' in answer.headers);
    }
  },
  async 'a token in Basic'(t) {
    for (const pair of [`${goodToken}:`, `${goodToken}:x-oauth-basic`, `user:${goodToken}`]) {
      const authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
      await answersAt(t, { authorization }, [401, 401]);
    }
  },
  async 'the case of the scheme'(t) {
    for (const scheme of ['Bearer', 'bearer', 'BEARER'])
      await answersAt(t, { authorization: `${scheme} ${goodToken}` }, passes);
  },
};
