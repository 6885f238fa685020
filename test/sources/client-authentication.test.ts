import { generateKeyPairSync } from 'node:crypto';
import test from 'ava';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { clientAuthentications } from '../../src/sources/client-authentication.ts';
import { createSigner, type SignerAlgorithm } from '../support/jwt-signer.ts';

const NOW = Date.UTC(2030, 0, 15, 12);
const audience = 'https://as.example.com';

const pairs: [string, string, string][] = [
  ['authorizer', 's3cret', 'authorizer:s3cret'],
  ['a:b', 'c:d', 'a%3Ab:c%3Ad'],
  ['a b', '100%+ü', 'a+b:100%25%2B%C3%BC'],
  ['https://client.example/', '~*-._', 'https%3A%2F%2Fclient.example%2F:%7E*-._'],
];
for (const [clientId, clientSecret, expected] of pairs)
  test(`client_secret_basic – ${clientId} is form-urlencoded before base64 (RFC 6749 §2.3.1)`, async (t) => {
    const prove = clientAuthentications.client_secret_basic({ clientId, clientSecret, audience });
    const { headers, ...rest } = await prove(NOW);
    t.deepEqual(rest, {});
    t.is(atob(headers?.authorization?.replace('Basic ', '') ?? ''), expected);
  });

test('client_secret_post – in the body (RFC 6749 §2.3.1)', async (t) => {
  const prove = clientAuthentications.client_secret_post({ clientId: 'a', clientSecret: 'b', audience });
  t.deepEqual(await prove(NOW), { form: { client_id: 'a', client_secret: 'b' } });
});

test('tls_client_auth – names the client only (RFC 8705 §2)', async (t) => {
  t.deepEqual(await clientAuthentications.tls_client_auth({ clientId: 'a', audience })(NOW), {
    form: { client_id: 'a' },
  });
});

const pem = (signer: ReturnType<typeof createSigner>) =>
  signer.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();

const keys: [SignerAlgorithm, string][] = [
  ['RS256', 'RS256'],
  ['ES256', 'ES256'],
  ['ES384', 'ES384'],
  ['EdDSA', 'EdDSA'],
];
for (const [kind, alg] of keys)
  test(`private_key_jwt – a key for ${kind} signs with ${alg} (RFC 7523 §3)`, async (t) => {
    const signer = createSigner(kind);
    const prove = clientAuthentications.private_key_jwt({
      ...{ clientId: 'authorizer', key: pem(signer), keyId: 'key-1', audience },
    });
    const ids = new Set<unknown>();
    for (const now of [NOW, NOW + 999]) {
      const { form } = await prove(now);
      t.is(form?.client_id, 'authorizer');
      t.is(form?.client_assertion_type, 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
      const assertion = form?.client_assertion ?? '';
      t.like(decodeProtectedHeader(assertion), { alg, kid: 'key-1' });
      const { payload } = await jwtVerify(assertion, signer.publicKey, { currentDate: new Date(now) });
      const { jti, ...claims } = payload;
      ids.add(jti);
      t.deepEqual(claims, {
        ...{ iss: 'authorizer', sub: 'authorizer', aud: audience },
        ...{ iat: NOW / 1000, exp: NOW / 1000 + 60 },
      });
    }
    t.is(ids.size, 2);
  });

test('private_key_jwt – without a kid unless told', async (t) => {
  const key = pem(createSigner('ES256'));
  const { form } = await clientAuthentications.private_key_jwt({ clientId: 'a', key, audience })(NOW);
  t.deepEqual(decodeProtectedHeader(form?.client_assertion ?? ''), { alg: 'ES256' });
});

const encrypted = createSigner('ES256').privateKey.export({
  ...{ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' },
});
const unfit: [string, () => unknown][] = [
  [
    'client_secret_basic without a secret',
    () => clientAuthentications.client_secret_basic({ clientId: 'a', audience }),
  ],
  [
    'client_secret_post with an empty secret',
    () => clientAuthentications.client_secret_post({ clientId: 'a', clientSecret: '', audience }),
  ],
  ['private_key_jwt without a key', () => clientAuthentications.private_key_jwt({ clientId: 'a', audience })],
  ...(
    [
      ['no PEM', 'c2VjcmV0'],
      ['a public key', createSigner('ES256').publicPem],
      ['a key with a passphrase', encrypted.toString()],
      [
        'an X25519 key',
        generateKeyPairSync('x25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
      ],
    ] as const
  ).map(([title, key]): [string, () => unknown] => [
    `private_key_jwt with ${title}`,
    () => clientAuthentications.private_key_jwt({ clientId: 'a', key, audience }),
  ]),
];
for (const [title, make] of unfit)
  test(`client authentication – ${title} is misuse, told without the secret`, (t) => {
    const error = t.throws(make, { instanceOf: TypeError });
    t.notRegex(error?.message ?? '', /c2VjcmV0|BEGIN/);
  });
