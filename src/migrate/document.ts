import { Document, isMap, isScalar, isSeq, type Node, Scalar } from 'yaml';
import type { ConfigInput } from '../config/schema.ts';

const head = ` Written by peerproof migrate oauth2-proxy, which said on its standard error what became of each option.
 Check it: peerproof validate --config FILE`;

/** What stands before a key, by its place; `*` is any. */
const comments: readonly (readonly [place: readonly string[], text: string])[] = [
  [['listen', 'http'], ' Where oauth2-proxy was, so that nothing that asks here has to change.'],
  [['listen', 'grpc'], ' For Envoy over gRPC, which also says who the sender is.'],
  [['http', 'forwardAuth'], ' The proxies that may ask, and the headers in which they describe the request.'],
  [
    ['identity', 'allowInsecureUnverifiedEmail'],
    ' Weak: believes addresses that the issuer calls unverified.',
  ],
  [['issuers', '*', 'clockSkew'], ' As oauth2-proxy: an expired token gets no grace.'],
  [['issuers', '*', 'algorithms'], ' Name here what the issuer signs with.'],
  [
    ['issuers', '*', 'allowInsecureNoAudience'],
    ' Weak: each rule has to ask for the audience in another claim.',
  ],
  [['issuers', '*', 'allowInsecureHttp'], ' Weak: whoever is on the way can sign tokens.'],
  [['rules', '*', 'public'], ' Anyone may pass, without a token.'],
  [
    ['rules', '*', 'require', 'binding'],
    ' TIGHTEN HERE: oauth2-proxy never asked who sends a token, so a stolen one passes. Write instead:\n   binding: [certificate, workload]\n with peers: {trustDomains: {cluster.local: {}}}, over the gRPC door, or behind an own sidecar with http: {xfcc: {sidecar: "spiffe://cluster.local/ns/<namespace>/sa/<ServiceAccount>"}}, the ID of Peerproof itself.',
  ],
];
const denial =
  ' Denies every token: a restriction of oauth2-proxy could not be carried over. Write it here, then take this out.';

/** A configuration as YAML, with comments where somebody should look. */
export function yamlOf(configuration: ConfigInput, denies: boolean): string {
  const document = new Document(configuration);
  document.commentBefore = head;
  annotate(document.contents, [], denies);
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function annotate(node: Node | null, place: readonly string[], denies: boolean): void {
  if (isSeq(node)) {
    if (node.items.every((item) => isScalar(item))) node.flow = true;
    for (const item of node.items) annotate(item as Node, [...place, '*'], denies);
  }
  if (!isMap(node)) return;
  for (const { key, value } of node.items) {
    if (!(key instanceof Scalar)) continue;
    const here = [...place, String(key.value)];
    const text =
      denies && here.at(-1) === 'when' && here.at(-2) === 'require'
        ? denial
        : comments.find(
            ([at]) => at.length === here.length && at.every((step, i) => step === '*' || step === here[i]),
          )?.[1];
    if (text !== undefined) key.commentBefore = text;
    annotate(value as Node, here, denies);
  }
}
