import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { usualRules } from './checks/configuration.ts';
import { algorithms, audience, issuerName, type Material } from './checks/material.ts';
import { checkOf } from './checks/wire.ts';
import { Generator, inTurn } from './load/generator.ts';
import { grpcJs, grpcKnown, type Row } from './rows.ts';
import type { Server } from './servers/server.ts';

/** Where the keys of the tokens are served for a server that was started elsewhere. */
const keysPort = 9400;
const patience = 30;

/**
 * A row for any ext_authz server. Its answer to a good token is the one that it must give each time; the name of the row says
 * whether it decides anything.
 */
export async function compareRow(address: string, material: Material): Promise<Row> {
  const [at = '', pid] = address.split('=');
  const { hostname, port } = new URL(`http://${at}`);
  const server: Server = {
    wire: 'grpc',
    host: hostname,
    port: Number(port),
    pid: pid === undefined ? undefined : Number(pid),
    stop: async () => undefined,
  };
  const checks = material.tokens('RS256').map((credential, index) => {
    return checkOf({ credential, sender: credential.peer, index, rule: index % usualRules }, 'grpc', false);
  });
  const forged = { credential: material.tampered('RS256'), sender: material.thief, index: 0, rule: 0 };
  const generator = await Generator.open(server, inTurn(checks));
  const keys = serveKeys(material);
  const ask = async (check = checks[0]) => check && (await generator.ask(check)).status;
  let expected = await ask();
  for (let second = 0; second < patience && expected !== 0; second++) {
    await sleep(1000);
    expected = await ask();
  }
  const forgery = await ask(checkOf(forged, 'grpc', false));
  generator.close();
  keys.close();
  if (expected === undefined || expected < 0) throw new Error(`${at} does not answer Check`);
  const title = expected !== 0 ? 'keeps a good token out' : forgery === 0 ? 'lets everything in' : 'verifies';
  return {
    name: `compared: ${at} (${title})`,
    wire: 'grpc',
    start: async () => server,
    checks: () => checks,
    expected,
    comparedWith: [grpcJs, grpcKnown],
  };
}

function serveKeys(material: Material) {
  const keys = algorithms.map((algorithm) => material.signer(algorithm).publicJwk);
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ keys }));
  });
  server.listen(keysPort, '127.0.0.1');
  console.error(
    `keys: http://127.0.0.1:${keysPort}/ (for ${patience} s), issuer: ${issuerName(0)}, audience: ${audience}`,
  );
  return server;
}
