import type { Mutation } from './mutation.ts';

const unit = ['test/core/revocation/revocations.test.ts'];
const shared = ['test/sources/revocation/shared-revocations.test.ts'];
const events = ['test/events/receive-event.test.ts'];
const verify = 'src/core/revocation/verify-event.ts';
const revocations = 'src/core/revocation/revocations.ts';

/** Weakenings of revocations. */
export const revoking: readonly Mutation[] = [
  {
    name: 'revocation: ask, and let the token in all the same',
    file: 'src/core/judge-token.ts',
    from: '  if (revoked) return revoked;\n',
    to: '',
  },
  {
    name: 'revocation: a client that authenticates with its certificate is not asked about',
    file: 'src/core/authorize.ts',
    from: '      if (revoked) return ended(revoked);\n',
    to: '',
  },
  {
    name: 'revocation: the workload identity token beside an access token is not asked about',
    file: 'src/core/token/workload-sender.ts',
    from: ' ??\n      revocations?.find(token, undefined, undefined, moment.now);',
    to: ';',
    also: ['test/core/binding/wit-beside-token.test.ts'],
  },
  {
    name: 'revocation: the workload beside an access token is not looked at',
    file: revocations,
    from: "      this.#look('spiffeId', workload, token, now) ??\n",
    to: '',
    also: ['test/core/binding/wit-beside-token.test.ts'],
  },
  {
    name: 'revocation: of two lines with one name only the last counts',
    file: 'src/core/revocation/revocation.ts',
    from: 'before ? mergeRevocations(before, entry) : entry',
    to: 'entry',
    also: ['test/core/revocation/revocations.test.ts'],
  },
  {
    name: 'revocation: what a clock that was ahead has swept stays forgotten',
    file: 'src/sources/revocation/followed-file.ts',
    from: 'now < lookedAt || ',
    to: '',
    also: ['test/sources/revocation/revocation-file.test.ts'],
  },
  {
    name: 'revocation: the file of an earlier configuration goes on to change the list',
    file: 'src/sources/revocation/followed-file.ts',
    from: '      if (isStopped) return;\n',
    to: '',
    also: ['test/sources/revocation/revocation-file.test.ts'],
  },
  {
    name: 'revocation: a token without iat was issued later',
    file: revocations,
    from: "issuedBefore === undefined || typeof iat !== 'number' || iat * 1000 < issuedBefore",
    to: "issuedBefore === undefined || (typeof iat === 'number' && iat * 1000 < issuedBefore)",
  },
  {
    name: 'revocation: compare seconds with milliseconds',
    file: revocations,
    from: 'iat * 1000 < issuedBefore',
    to: 'iat < issuedBefore',
  },
  {
    name: 'revocation: one issuer revokes the subjects of another',
    file: revocations,
    from: '(issuer !== undefined && issuer !== from)',
    to: '(issuer !== undefined && from === undefined)',
  },
  {
    name: 'revocation: do not look at the workload that sends',
    file: revocations,
    from: "      this.#look('spiffeId', peer?.spiffeId?.uri, token, now) ??\n",
    to: '',
  },
  {
    name: 'revocation: do not look at the actor',
    file: revocations,
    from: "      this.#look('subject', actor, token, now) ??\n",
    to: '',
  },
  {
    name: 'revocation: the client of a token request is not looked at',
    file: revocations,
    from: "      this.#look('client', clientId, token, now) ??\n",
    to: '',
  },
  {
    name: 'revocation: what is known never gets old',
    file: revocations,
    from: 'if (now - syncedAt > maxStaleness || ',
    to: 'if (',
    also: unit,
  },
  {
    name: 'revocation: what was never read is empty',
    file: revocations,
    from: "      throw new DependencyError('store_unavailable', 'the revocations were never read', retryAfter);",
    to: '      return;',
    also: unit,
  },
  {
    name: 'revocation: one that there is no memory for is dropped',
    file: revocations,
    from: '      this.incomplete = true;\n',
    to: '',
    also: unit,
  },
  {
    name: 'revocation: what the store has lost is lost',
    file: 'src/sources/revocation/followed-store.ts',
    from: 'if (known.until > now && !held.has(nameOf(known))) lost.push(known);',
    to: 'if (known.until > now && !held.has(nameOf(known))) lost.splice(0);',
    also: shared,
  },
  {
    name: 'revocation: a store that evicted a part is a smaller one',
    file: 'src/sources/revocation/shared-revocations.ts',
    from: "if (epoch === 'evicted')",
    to: "if (epoch === 'evicted' && version === '')",
    also: shared,
  },
  {
    name: 'revocation: a failed look counts as a good one',
    file: 'src/sources/revocation/followed-file.ts',
    from: 'if (file.failure === undefined && file.value) {',
    to: 'if (file.value) {',
    also: ['test/sources/revocation/revocation-file.test.ts'],
  },
  {
    name: 'events: any token of the transmitter is an event',
    file: verify,
    from: "typeof typ !== 'string' || !/^(?:application\\/)?secevent\\+jwt$/i.test(typ)",
    to: "typ !== undefined && typeof typ !== 'string'",
    also: events,
  },
  {
    name: 'events: a token for another receiver counts',
    file: verify,
    from: '!audiences.some((audience) => issuer.audiences.includes(audience))',
    to: 'audiences.length === 0',
    also: events,
  },
  {
    name: 'events: a token never gets old',
    file: verify,
    from: 'issuedAt < now - maxAge ||',
    to: 'issuedAt + maxAge < 0 ||',
    also: events,
  },
  {
    name: 'events: a transmitter speaks for the issuers of others',
    file: 'src/core/revocation/event-subject.ts',
    from: "typeof iss === 'string' ? issuers.get(iss) : undefined",
    to: "typeof iss === 'string' ? (issuers.get(iss) ?? [...issuers.values()][0]) : undefined",
    also: events,
  },
  {
    name: 'events: a transmitter revokes tokens of the future',
    file: 'src/core/revocation/revocations-of-event.ts',
    from: 'sinceEpoch(Math.min(now, stated))',
    to: 'sinceEpoch(stated)',
    also: events,
  },
  {
    name: 'events: a token is remembered before it was acted on',
    file: 'src/events/receive-event.ts',
    from: '    await store.add(revocations);\n',
    to: '    await seen.add(id, transmitter.maxAge);\n    await store.add(revocations);\n',
    also: events,
  },
  {
    name: 'events: a token is acted on again',
    file: 'src/events/receive-event.ts',
    from: "if (await seen.has(id)) return 'replayed';",
    to: 'await seen.has(id);',
    also: events,
  },
  {
    name: 'events: the token of a transmitter is not compared',
    file: 'src/events/push-door.ts',
    from: 'timingSafeEqual(digest(sent), digest(token))',
    to: 'timingSafeEqual(digest(sent), digest(sent))',
    also: ['test/events/push-door.test.ts'],
  },
  {
    name: 'revocations: a revoked client may act for somebody',
    file: 'src/core/revocation/revocations.ts',
    from: '.client.size > 0 && clientThatActs(token)',
    to: '.client.size < 0 && clientThatActs(token)',
  },
];
