import type { Mutation } from './mutation.ts';

const file = ['test/sources/revocation/revocation-file.test.ts'];

/** Weakenings of what keeps the stores of proofs and revocations readable. */
export const stateAttacks: readonly Mutation[] = [
  {
    name: 'store: a connection goes on after an answer that was none',
    file: 'src/sources/redis/shared-store.ts',
    from: 'if (isNonsense) close();',
    to: '',
    also: ['test/sources/redis/nonsense.test.ts'],
  },
  {
    name: 'revocation: a time that no reader can read is kept',
    file: 'src/core/revocation/revocation.ts',
    from: 'return Math.min(lastTime, Math.max(0, Math.ceil(time)));',
    to: 'return Math.ceil(time);',
    also: ['test/events/receive-event.test.ts'],
  },
  {
    name: 'revocation: more than the processes have memory for is written to the file',
    file: 'src/sources/revocation/revocation-file.ts',
    from: 'if (weightOfAll(known) > share * memory())',
    to: 'if (weightOfAll(known) < 0)',
    also: file,
  },
  {
    name: 'revocation: transmitters fill the whole file',
    file: 'src/sources/revocation/revocation-file.ts',
    from: '}, share * largestFile);',
    to: '});',
    also: file,
  },
  {
    name: 'revocation: after a clock that was put back, an outage is not noticed',
    file: 'src/core/revocation/revocations.ts',
    from: ' || syncedAt - now > Math.max(maxStaleness, longestCheck)',
    to: '',
    also: ['test/core/revocation/revocations.test.ts'],
  },
  {
    name: 'revocation: a long file keeps the service from starting',
    file: 'src/config/named-files.ts',
    from: "path.join('.') === 'revocation.file' ? largestFile : maxBytes",
    to: 'maxBytes',
    also: ['test/config/revocation.test.ts'],
  },
];
