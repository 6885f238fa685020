import { hexOf } from './node.ts';
import type { DebianPackage, Packages } from './packages.ts';
import { type Architecture, platforms } from './platforms.ts';

export const SBOM = 'application/vnd.cyclonedx+json';
export const PROVENANCE = 'application/vnd.in-toto+json';

/** Where the bytes of an image come from. */
export interface Origin {
  readonly source: string;
  readonly revision: string;
  readonly version: string;
  readonly architecture: Architecture;
  /** The base of the Dockerfile, if it stands in place of the packages. */
  readonly base?: { readonly name: string; readonly digest: string } | undefined;
  readonly packages: Packages;
}

interface Sbom {
  readonly components: readonly unknown[];
}

/**
 * Adds what the image holds beside the application. A base is named as a whole: what is in it must be looked up in its own list.
 *
 * @param application the list of `npm run build` (CycloneDX)
 */
export function sbomOf<S extends Sbom>(application: S, origin: Origin): S {
  return { ...application, components: [...application.components, ...others(origin)] };
}

function others({ base, packages, architecture }: Origin): readonly unknown[] {
  if (base)
    return [
      {
        ...{ type: 'container', 'bom-ref': base.digest, name: base.name },
        purl: `pkg:oci/node@${encodeURIComponent(base.digest)}`,
      },
    ];
  return [
    ...packages.debian[architecture].map((one) => debian(one, architecture)),
    node(packages, architecture),
  ];
}

function debian({ name, version, sha256 }: DebianPackage, architecture: Architecture): unknown {
  const purl = `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${architecture}`;
  return {
    ...{ type: 'library', 'bom-ref': purl, name, version, purl },
    hashes: [{ alg: 'SHA-256', content: sha256 }],
  };
}

function node({ node: { version, integrity } }: Packages, architecture: Architecture): unknown {
  const purl = `pkg:npm/${platforms[architecture].nodePackage}@${version}`;
  return {
    ...{ type: 'application', 'bom-ref': purl, name: 'node', version, purl },
    cpe: `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*`,
    licenses: [{ license: { id: 'MIT' } }],
    hashes: [{ alg: 'SHA-512', content: hexOf(integrity[architecture]) }],
  };
}

/**
 * An in-toto statement with the predicate of SLSA 1.0: from which bytes an image was made. It is not signed, so it proves
 * nothing to anyone else. The workflow of a release signs one of its own.
 */
export function provenanceOf(digest: string, origin: Origin): unknown {
  const { source, revision, version, architecture, base, packages } = origin;
  const { nodePackage } = platforms[architecture];
  const parts = base
    ? [{ uri: `pkg:oci/${base.name}`, digest: { sha256: base.digest.replace('sha256:', '') } }]
    : [
        ...packages.debian[architecture].map(({ name, version: exact, sha256 }) => ({
          uri: `pkg:deb/debian/${name}@${encodeURIComponent(exact)}?arch=${architecture}`,
          digest: { sha256 },
        })),
        {
          uri: `pkg:npm/${nodePackage}@${packages.node.version}`,
          digest: { sha512: hexOf(packages.node.integrity[architecture]) },
        },
      ];
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: `peerproof:${version}`, digest: { sha256: digest.replace('sha256:', '') } }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'urn:peerproof:npm-run-image:1',
        externalParameters: { platform: `linux/${architecture}`, base: base?.name ?? 'debian', source },
        resolvedDependencies: [{ ...commitOf(source), digest: { gitCommit: revision } }, ...parts],
      },
      runDetails: { builder: { id: 'urn:peerproof:npm-run-image' } },
    },
  };
}

/** Only a build for others knows where the code is. */
function commitOf(source: string): { readonly uri: string } | undefined {
  return source === '' ? undefined : { uri: `git+${source}` };
}
