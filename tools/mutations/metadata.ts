import type { Mutation } from './mutation.ts';

/** Weakenings of the documents about protected resources. */
export const metadata: readonly Mutation[] = [
  {
    name: 'let a request for a document through to the application',
    file: 'src/grpc/check-response.ts',
    from: "if (decision.effect === 'allow') {\n    const { set, remove } = decision.identity;",
    to: "if (decision.effect === 'allow' || decision.effect === 'answer') {\n    const { set, remove } = 'identity' in decision ? decision.identity : { set: [], remove: { names: [] } };",
  },
  {
    name: 'serve a document at a door where it is an allow',
    file: 'src/core/check.ts',
    from: "door === 'grpc' && request && !flaw",
    to: 'request && !flaw',
    also: ['test/core/resource/served.test.ts'],
  },
  {
    name: 'serve a document to every method',
    file: 'src/core/resource/find-resource.ts',
    from: " || (method !== 'GET' && method !== 'HEAD')",
    to: '',
  },
  {
    name: 'serve the document of whatever begins alike',
    file: 'src/core/resource/find-resource.ts',
    from: '({ documentPath }) => documentPath === path',
    to: '({ documentPath }) => path.startsWith(documentPath)',
  },
  {
    name: 'serve the document at every host',
    file: 'src/core/resource/find-resource.ts',
    from: 'return near.find(({ hosts }) => hosts.some((pattern) => matchesHost(pattern, host)));',
    to: 'return near.find(({ hosts }) => hosts.some((pattern) => matchesHost(pattern, host))) ?? near[0];',
  },
];
