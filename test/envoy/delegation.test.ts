import test from 'ava';
import type { ReasonName } from '../../src/core/reasons.ts';
import { recordOf } from '../../src/lib/json.ts';
import { envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import type { Claims } from '../support/jwt-signer.ts';
import { IDS, type Mesh, received, startMesh, type Who } from '../support/mesh.ts';
import { HTTP_DOOR, sidecarListener, TRANSPORTS } from '../support/transports.ts';

/** Tokens that were exchanged (RFC 8693), sent by their actor and by those who only have them. */

let mesh: Mesh;

test.before(async () => {
  if (!hasEnvoy) return;
  mesh = await startMesh({
    config: () => ({
      http: HTTP_DOOR,
      peers: { trustDomains: { 'cluster.local': {} } },
      clients: { reports: [IDS.payments] },
      rules: [
        {
          name: 'acting',
          match: { paths: ['/acting/**'] },
          require: {
            binding: ['workload'],
            actors: {
              allow: [{ who: [IDS.client, IDS.orders], for: ['alice', IDS.component] }, { who: ['reports'] }],
              maxLength: 2,
            },
          },
        },
        { name: 'any', match: { paths: ['/any/**'] }, require: { binding: ['workload'] } },
        {
          name: 'own',
          match: { paths: ['/own/**'] },
          require: { binding: ['workload'], actors: { maxLength: 0 } },
        },
      ],
    }),
    listeners: (parts) => TRANSPORTS.map((transport) => sidecarListener(transport, parts)),
  });
});

test.after.always(async () => {
  await mesh?.stop();
});

const alice: Claims = { sub: 'alice', client_id: undefined, may_act: { sub: IDS.client } };
const component: Claims = { sub: IDS.component, client_id: undefined };

/** What an authorization server makes of the token of a subject for its next actor (RFC 8693 §4.1, §4.4). */
function exchanged({ act, may_act: mayAct, ...subject }: Claims, actor: string): Claims {
  const allowed = recordOf(mayAct).sub;
  if (allowed !== undefined && allowed !== actor) throw new Error(`${actor} may not act`);
  return { ...subject, act: { sub: actor, ...(act === undefined ? {} : { act }) } };
}

const byClient = exchanged(alice, IDS.client);
const byOrders = exchanged(byClient, IDS.orders);

const cases: readonly [title: string, who: Who, path: string, claims: Claims, reason: ReasonName][] = [
  ['its actor passes', 'client', '/acting/1', byClient, 'allowed'],
  ['the next actor passes', 'orders', '/acting/1', byOrders, 'allowed'],
  ['a client that acts passes', 'payments', '/acting/1', exchanged(component, 'reports'), 'allowed'],
  [
    'a chain of three passes where no rule counts',
    'payments',
    '/any/1',
    exchanged(byOrders, IDS.payments),
    'allowed',
  ],
  ['stolen by another workload', 'thief', '/acting/1', byClient, 'binding_workload_mismatch'],
  ['stolen by the prior actor', 'client', '/acting/1', byOrders, 'binding_workload_mismatch'],
  [
    "stolen by the subject's own workload",
    'component',
    '/acting/1',
    exchanged(component, IDS.client),
    'binding_workload_mismatch',
  ],
  [
    "stolen by the subject's own workload, where a person acts",
    'component',
    '/any/1',
    exchanged(component, 'bob'),
    'binding_missing',
  ],
  [
    'by an actor that may not act',
    'thief',
    '/acting/1',
    exchanged(component, IDS.thief),
    'actor_not_allowed',
  ],
  ['for another subject', 'client', '/acting/1', { ...byClient, sub: 'bob' }, 'actor_not_allowed'],
  [
    'behind an actor that may',
    'client',
    '/acting/1',
    exchanged({ ...component, act: { sub: IDS.thief } }, IDS.client),
    'actor_not_allowed',
  ],
  ['in a chain of three', 'payments', '/acting/1', exchanged(byOrders, 'reports'), 'actor_not_allowed'],
  ['with an actor where none may act', 'client', '/own/1', byClient, 'actor_not_allowed'],
  ['by the subject alone', 'component', '/acting/1', component, 'actor_missing'],
  [
    'that names another party in may_act',
    'client',
    '/any/1',
    { ...byClient, may_act: { sub: IDS.orders } },
    'actor_mismatch',
  ],
  [
    'with a list of actors',
    'client',
    '/any/1',
    { ...byClient, act: [{ sub: IDS.client }] },
    'actor_malformed',
  ],
];

for (const transport of TRANSPORTS)
  for (const [title, who, path, claims, reason] of cases)
    envoyTest(`${transport}: an exchanged token, ${title}`, async (t) => {
      const headers = [['x-auth-request-actor', 'spiffe://cluster.local/ns/forged/sa/forged']] as const;
      const answer = await mesh.send(transport, { who, path, token: mesh.mint(claims), headers });
      const line = mesh.decisionOf(answer);
      t.is(line.reason, reason, line.detail);
      t.is(answer.status === 200, reason === 'allowed');
      if (reason !== 'allowed') return;
      const actor = recordOf(claims.act).sub;
      t.deepEqual(received(answer, 'x-auth-request-actor'), [actor]);
      t.is(line.actor, actor);
      t.is(line.bound_by, 'workload');
    });

envoyTest('an actor that a client claims in a header is removed', async (t) => {
  const token = mesh.mint(component);
  const headers = [['x-auth-request-actor', IDS.client]] as const;
  const answer = await mesh.send('grpc-certificate', { who: 'component', path: '/own/1', token, headers });
  t.is(answer.status, 200);
  t.deepEqual(received(answer, 'x-auth-request-actor'), []);
});
