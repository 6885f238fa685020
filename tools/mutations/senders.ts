import type { Mutation } from './mutation.ts';

/** Weakenings of the proof of the sender. */
export const senders: readonly Mutation[] = [
  {
    name: 'take the first XFCC element',
    file: 'src/core/peer/verify-peer.ts',
    from: '    const last = forwarded.at(-1);\n    return last',
    to: '    const last = forwarded[0];\n    return last',
  },
  {
    name: 'treat every peer as a gateway',
    file: 'src/core/peer/verify-peer.ts',
    from: 'policy.gateways.some((pattern) => matchesSpiffePattern(pattern, spiffeId))',
    to: 'policy.gateways.length >= 0',
  },
  {
    name: 'believe an XFCC element with another name than the peer',
    file: 'src/core/peer/forwarded.ts',
    from: 'if (!writtenBy(peer.principal, elements.at(-1)))',
    to: 'if (false as boolean)',
  },
  {
    name: 'believe every trust domain',
    file: 'src/core/peer/verify-peer.ts',
    from: 'if (believed && !trustDomains?.has(believed.trustDomain))',
    to: 'if (false as boolean)',
  },
  {
    name: 'take the authorities of another trust domain for ours',
    file: 'src/core/peer/bundle-document.ts',
    from: 'return other === undefined',
    to: 'return trustDomain.length > 0',
    also: ['test/core/peer/bundle-document.test.ts'],
  },
  {
    name: 'bring back the authorities that a bundle had when it was loaded',
    file: 'src/serve/trust-bundles.ts',
    from: 'const used = config.bundle === undefined ? config : { bundle: config.bundle };',
    to: 'const used = config;',
    also: ['test/reload/broken-bundle.test.ts'],
  },
  {
    name: 'skip the validity of a certificate',
    file: 'src/core/peer/verify-peer.ts',
    from: 'if (certificate && now >= certificate.notAfter + clockSkew)',
    to: 'if (false as boolean)',
  },
  {
    name: 'take the first of two URI SANs',
    file: 'src/core/peer/peer-candidate.ts',
    from: 'return uris.length > 1 ?',
    to: 'return (false as boolean) ?',
  },
  {
    name: 'believe URI although Cert says otherwise',
    file: 'src/core/peer/peer-candidate.ts',
    from: "if (element.uris.length > 0 && element.uris.join('\\n') !== certificate.uris.join('\\n'))",
    to: 'if (false as boolean)',
  },
  {
    name: 'compare thumbprints by their length',
    file: 'src/core/binding/certificate.ts',
    from: 'if (peer.thumbprint === confirmation.value) return undefined;',
    to: 'if (peer.thumbprint.length === confirmation.value.length) return undefined;',
  },
  {
    name: 'ignore a member of cnf that is not understood',
    file: 'src/core/binding/confirmation.ts',
    from: 'Object.keys(cnf);',
    to: 'Object.keys(cnf).filter(isMember);',
  },
  {
    name: 'take a bound token for a plain one where the rule says none',
    file: 'src/core/binding/bind.ts',
    from: 'confirmation === undefined || confirmations.includes(confirmation.member)',
    to: 'true as boolean',
  },
  {
    name: 'forget the namespace of a ServiceAccount',
    file: 'src/core/binding/workload.ts',
    from: 'workload.namespace === serviceAccount.namespace &&',
    to: '',
    also: ['test/workloads/service-account.test.ts'],
  },
  {
    name: 'forget the trust domain of a ServiceAccount',
    file: 'src/core/binding/workload.ts',
    from: 'id.trustDomain === trustDomain &&',
    to: '',
    also: ['test/workloads/service-account.test.ts'],
  },
  {
    name: 'let the subject send what was issued to an actor',
    file: 'src/core/binding/workload.ts',
    from: 'const owner = actor ? actor.spiffeId : spiffeIdIn(token.subject);',
    to: 'const owner = spiffeIdIn(token.subject) ?? actor?.spiffeId;',
  },
];
