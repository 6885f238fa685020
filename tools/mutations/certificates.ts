import type { Mutation } from './mutation.ts';

/** Weakenings of the requirements for a certificate. */
export const certificates: readonly Mutation[] = [
  {
    name: 'accept a certificate of a server from a client',
    file: 'src/core/peer/certificate.ts',
    from: 'extendedKeyUsage?.some((purpose) => clientPurposes.includes(purpose)) ?? true',
    to: 'extendedKeyUsage === undefined || clientPurposes.length > 0',
  },
  {
    name: 'refuse a certificate that is for every purpose',
    file: 'src/core/peer/certificate.ts',
    from: "['clientAuth', 'anyExtendedKeyUsage']",
    to: "['clientAuth']",
  },
  {
    name: 'read an extKeyUsage without a purpose as one that is absent',
    file: 'src/core/peer/extensions.ts',
    from: "if (named.size === 0) throw new Error('no purpose');",
    to: 'if (named.size === 0) return undefined;',
  },
  {
    name: 'ignore a critical extension of a leaf',
    file: 'src/core/peer/peer-candidate.ts',
    from: 'if (unsupported.length > 0)',
    to: 'if (false as boolean)',
  },
  {
    name: 'ignore policy constraints that are not critical',
    file: 'src/core/peer/extensions.ts',
    from: "'2.5.29.36', ",
    to: '',
    also: ['test/core/peer/chain-refused.test.ts'],
  },
  {
    name: 'keep a refused Chain for as long as its certificate',
    file: 'src/core/peer/bundle.ts',
    from: 'const sent = digest(forwarded);',
    to: 'const sent = forwarded;',
    also: ['test/core/peer/remembered-chains.test.ts'],
  },
  {
    name: 'accept RSA of 1024 bits',
    file: 'src/core/peer/certificate.ts',
    from: 'modulusLength >= 2048',
    to: 'modulusLength >= 1024',
  },
  {
    name: 'accept RSA of any size in a certificate',
    file: 'src/core/peer/certificate.ts',
    from: ' && modulusLength <= 8192',
    to: '',
  },
  {
    name: 'accept a key on any curve in a certificate',
    file: 'src/core/peer/certificate.ts',
    from: "(type === 'ec' && curves.includes(namedCurve))",
    to: "(type === 'ec' && curves.length > 0 && namedCurve !== '')",
  },
  {
    name: 'treat a curve that is written out as the named one',
    file: 'src/core/peer/extensions.ts',
    from: 'if (hasExplicitCurve(fields[5]))',
    to: 'if (hasExplicitCurve(fields[5]) && version === undefined)',
  },
  {
    name: 'read extensions of a certificate of version 1',
    file: 'src/core/peer/extensions.ts',
    from: 'if (wrapper && !isVersion3(version))',
    to: 'if (wrapper && !isVersion3(version) && version === undefined)',
  },
  {
    name: 'read an object identifier that is written in another way',
    file: 'src/core/peer/der.ts',
    from: 'if (begins && byte === 0x80)',
    to: 'if (begins && byte === 0xff)',
    also: ['test/core/peer/extensions.test.ts'],
  },
];
