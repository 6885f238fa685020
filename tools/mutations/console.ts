import type { Mutation } from './mutation.ts';

/** Weakenings of the console. */
export const consoles: readonly Mutation[] = [
  {
    name: 'console: open to every address without a password',
    file: 'src/config/console-access.ts',
    from: "isLoopback(host) ? 'this-machine' : 'nobody'",
    to: "isLoopback(host) ? 'this-machine' : 'this-machine'",
    also: ['test/console/permission.test.ts'],
  },
  {
    name: 'console: any Host on a loopback address (DNS rebinding)',
    file: 'src/console/permission.ts',
    from: "access.to === 'this-machine' && !isLoopbackHost(host)",
    to: 'host === "evil"',
    also: ['test/console/permission.test.ts'],
  },
  {
    name: 'console: requests that another site caused',
    file: 'src/console/permission.ts',
    from: "if (site !== 'same-origin' && site !== 'none')",
    to: "if (site === 'none' && site !== 'none')",
    also: ['test/console/permission.test.ts'],
  },
  {
    name: 'console: a form of another site can ask for an explanation',
    file: 'src/console/permission.ts',
    from: 'if (!/^application\\/json(?:;|$)/i.test(type)) return false;',
    to: '',
    also: ['test/console/explain.test.ts'],
  },
  {
    name: 'console: the beginning of the password is enough',
    file: 'src/console/password.ts',
    from: 'return a !== undefined && b !== undefined && timingSafeEqual(a, b);',
    to: "return a?.length === b?.length && other.includes(one.subarray(10)) && one.includes('peerproof:');",
    also: ['test/console/permission.test.ts'],
  },
  {
    name: 'console: wrong passwords as fast as they come',
    file: 'src/console/password.ts',
    from: 'if (waiting >= mostWrong)',
    to: 'if (waiting < 0)',
    also: ['test/console/password.test.ts'],
  },
  {
    name: 'console: lines wait without a bound for a client that does not read',
    file: 'src/console/live-client.ts',
    from: 'if (this.#response.writableLength > mostWaiting) {',
    to: 'if (this.#response.writableLength > 1e12) {',
    also: ['test/console/live-client.test.ts'],
  },
  {
    name: 'console: a stream goes on after the password has changed',
    file: 'src/console/live.ts',
    from: 'if (before === access) client.add(lines, left);',
    to: "if (before !== '') client.add(lines, left);",
    also: ['test/console/live.test.ts'],
  },
];
