import { Document, isMap, isScalar, isSeq, type Node, Scalar } from 'yaml';
import type { ConfigInput } from '../config/schema.ts';

const head = ` Written by peerproof migrate oauth2-proxy. Its report has the result for each option.
 Check this file: peerproof validate --config FILE`;

/** The comment before a key, by its place. `*` matches any key. The first match counts. */
export type Comments = readonly (readonly [place: readonly string[], text: string])[];

const usual: Comments = [
  [['listen', 'http'], ' The address of oauth2-proxy, so that its callers need no change.'],
  [['listen', 'grpc'], ' For Envoy over gRPC, which also sends the identity of the sender.'],
  [['http', 'forwardAuth'], ' The proxies that may call, and the headers that hold the original request.'],
  [
    ['identity', 'allowInsecureUnverifiedEmail'],
    ' Weak: accepts addresses that the issuer marks as unverified.',
  ],
  [['issuers', '*', 'clockSkew'], ' As in oauth2-proxy: an expired token is refused at once.'],
  [['issuers', '*', 'algorithms'], ' Set this to the algorithms that the issuer uses.'],
  [['issuers', '*', 'allowInsecureNoAudience'], ' Weak: each rule must check the audience in another claim.'],
  [
    ['issuers', '*', 'allowInsecureHttp'],
    ' Weak: an attacker on the network can replace the keys and sign tokens.',
  ],
  [['rules', '*', 'public'], ' Every request passes without a token.'],
  [['rules', '*', 'require', 'token'], ' A request passes without a token. One with a bad token does not.'],
  [
    ['rules', '*', 'require', 'binding'],
    ' TIGHTEN HERE: oauth2-proxy does not check who sends a token, so a stolen token passes. Replace it by:\n   binding: [certificate, workload]\n and set peers: {trustDomains: {cluster.local: {}}}. Use the gRPC port, or put a sidecar before Peerproof and set http: {xfcc: {sidecar: "spiffe://cluster.local/ns/<namespace>/sa/<ServiceAccount>"}} to the ID of Peerproof itself.',
  ],
];
const denial =
  ' Denies every token: a restriction of oauth2-proxy could not be carried over. Write it here, then remove this line.';

/**
 * A configuration as YAML, with comments at settings that a reader should check. `own` stand in place of the
 * usual ones.
 */
export function toYaml(configuration: ConfigInput, denies: boolean, own: Comments = []): string {
  const document = new Document(configuration);
  document.commentBefore = head;
  annotate(document.contents, [], denies, [...own, ...usual]);
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function annotate(node: Node | null, place: readonly string[], denies: boolean, comments: Comments): void {
  if (isSeq(node)) {
    if (node.items.every((item) => isScalar(item))) node.flow = true;
    for (const item of node.items) annotate(item as Node, [...place, '*'], denies, comments);
  }
  if (!isMap(node)) return;
  for (const { key, value } of node.items) {
    if (!(key instanceof Scalar)) continue;
    const here = [...place, String(key.value)];
    const text =
      denies && here.at(-1) === 'when' && here.at(-2) === 'require'
        ? denial
        : comments.find(([at]) => isAt(at, here) || isAt(['workloads', '*', ...at], here))?.[1];
    if (text !== undefined) key.commentBefore = text;
    annotate(value as Node, here, denies, comments);
  }
}

function isAt(place: readonly string[], here: readonly string[]): boolean {
  return place.length === here.length && place.every((step, at) => step === '*' || step === here[at]);
}
