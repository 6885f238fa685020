import * as grpc from '@grpc/grpc-js';
import type { CheckRequest } from '../src/grpc/check-messages.ts';
import { serviceName } from '../src/grpc/protocol.ts';
import { checkMethod, type ReceivedResponse } from '../tools/protocol.ts';
import type { AppRequest, Asker, Headers, Way } from './asker.ts';
import { decisionIdIn } from './envoy-asker.ts';
import { ids } from './workloads.ts';

const deadlineMs = 5_000;

/** A client of Envoy's ext_authz protocol; ended with `close`. */
export interface GrpcAsker extends Asker {
  close(): void;
}

/**
 * Sends checks to Peerproof in place of Envoy, and does with the answers what Envoy would do: replaces and removes headers,
 * and forwards the request or not. There is no TLS handshake, so the certificate of the peer is taken as proven.
 */
export function grpcAsker(port: number): GrpcAsker {
  const Client = grpc.makeClientConstructor({ Check: checkMethod }, serviceName);
  const client = new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  const check = (message: CheckRequest) =>
    new Promise<ReceivedResponse>((resolve, reject) => {
      const options = { deadline: Date.now() + deadlineMs };
      client.check?.(message, options, (error: Error | null, response: ReceivedResponse) =>
        error ? reject(error) : resolve(response),
      );
    });
  return {
    close: () => client.close(),
    async ask(way, asked) {
      const sent = withForwarded(asked);
      const { status, okResponse, deniedResponse, dynamicMetadata } = await check(
        checkRequest(way, asked, sent),
      );
      // A missing status is 0, which is an allow. Envoy reads it in the same way.
      const allowed = (status?.code ?? 0) === grpc.status.OK;
      if (!allowed)
        return {
          status: Number(deniedResponse?.status?.code ?? 403),
          decisionId: decisionIdIn(deniedResponse?.body ?? ''),
          reached: undefined,
        };
      const id = dynamicMetadata?.fields?.decision_id as { stringValue?: string } | undefined;
      return {
        status: 200,
        decisionId: id?.stringValue,
        reached: mutated(sent, okResponse),
      };
    },
  };
}

/** APPEND_FORWARD: what the client sent, then the peer; without a peer nothing. */
function withForwarded({ headers, peer }: AppRequest): ReadonlyMap<string, string> {
  const sent = new Map<string, string>();
  for (const [key, value] of headers) {
    const name = key.toLowerCase();
    const before = sent.get(name);
    sent.set(name, before === undefined ? value : `${before},${value}`);
  }
  const forwarded = sent.get('x-forwarded-client-cert');
  sent.delete('x-forwarded-client-cert');
  if (peer) {
    const own = `By=${ids.orders};Hash=${peer.sha256Hex};Subject="";URI=${peer.id}`;
    sent.set('x-forwarded-client-cert', forwarded === undefined ? own : `${forwarded},${own}`);
  }
  return sent;
}

function checkRequest(
  way: Way,
  { method, path, peer }: AppRequest,
  sent: ReadonlyMap<string, string>,
): CheckRequest {
  return {
    attributes: {
      source: {
        principal: peer?.id ?? '',
        certificate: way === 'PEM' ? (peer?.urlEncodedPem ?? '') : '',
      },
      destination: { principal: ids.orders },
      request: { http: { method, path, host: 'app.test', headers: Object.fromEntries(sent) } },
    },
  };
}

function mutated(sent: ReadonlyMap<string, string>, ok: ReceivedResponse['okResponse']): Headers {
  const headers = new Map(sent);
  for (const { header } of ok?.headers ?? []) headers.set(header?.key ?? '', header?.value ?? '');
  // In this order, as Envoy does it: a header that is both set and removed is removed.
  for (const name of ok?.headersToRemove ?? []) headers.delete(name);
  return [...headers];
}
