import { isMap, isScalar, parseDocument } from 'yaml';

/**
 * The configuration in a file of values, with its comments, and before it what the chart adds: `listen`, and for Kyma
 * `http.xfcc`.
 * @throws TypeError if the file has no configuration
 */
export function overlayConfig(values: string, rendered: Readonly<Record<string, unknown>>): string {
  const document = parseDocument(values);
  const config = document.get('config', true);
  if (!isMap(config)) throw new TypeError('the values have no config');
  // The comment of the first key belongs to the map, and would come before the added keys.
  const first = config.items[0]?.key;
  if (isScalar(first)) first.commentBefore = config.commentBefore ?? null;
  const added = order.filter((key) => key in rendered && !config.has(key));
  for (const key of added.reverse()) {
    const node = document.createNode(inOrder(rendered[key]), { flow: true });
    config.items.unshift(document.createPair(key, node));
  }
  config.commentBefore = ' lint: ignore open-port: the policies beside this file protect the ports';
  document.contents = config as unknown as typeof document.contents;
  document.commentBefore = null;
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

/** The added keys, and the doors in `listen`. */
const order = ['listen', 'grpc', 'http', 'admin'];

function inOrder(value: unknown): unknown {
  const entries = Object.entries(value as object);
  return Object.fromEntries(entries.sort(([one], [other]) => order.indexOf(one) - order.indexOf(other)));
}
