import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoggedChange } from './decision-log.ts';
import { styled } from './table.ts';
import { clients, resources } from './tokens.ts';
import { files, type World } from './world.ts';

/** Writes certificates, keys and tokens beside the configuration, so that they can be used by hand. */
export async function writeCredentials({ folder, workloads, tokens, issuer }: World): Promise<void> {
  const write = (name: string, text: string) => writeFile(join(folder, name), text, { mode: 0o600 });
  const { oauthclient, rotated, other } = workloads;
  for (const [name, svid] of Object.entries({ oauthclient, rotated, other })) {
    await write(`${name}.pem`, svid.certPem);
    await write(`${name}.key`, svid.keyPem);
  }
  for (const [name, token] of Object.entries(tokens)) await write(`${name}.token`, token);
  await write('client.secret', issuer.clientSecret(clients.bound));
}

/** Where everything is, and lines to paste into another terminal. */
export function instructions(world: World): string {
  const { folder, peerproof, envoyPort, issuer } = world;
  const admin = `http://127.0.0.1:${peerproof.adminPort}`;
  return [
    styled('bold', 'Everything runs until Ctrl-C. Then this folder is removed too:'),
    `  cd ${folder}`,
    `  configuration  ${files.config}   a change counts after two seconds`,
    `  decision log   ${files.log}`,
    `  metrics        ${admin}/metrics   ${admin}/readyz`,
    `  console        ${admin}/console`,
    `  Peerproof      127.0.0.1:${peerproof.grpcPort} (gRPC, envoy.service.auth.v3)`,
    '',
    styled('bold', 'In another terminal, after that cd:'),
    '',
    ...(envoyPort
      ? requests(envoyPort('PEM'), envoyPort('XFCC'))
      : ['# Without Envoy, curl cannot send requests.']),
    '',
    '# a new token of one hour from the issuer, bound to the certificate that asks for it',
    `${curl('rotated')} -u "${clients.bound}:$(cat client.secret)" \\`,
    `  -d grant_type=client_credentials -d scope=orders.write -d resource=${resources.orders} \\`,
    `  ${issuer.issuer}/token`,
    '',
    '# the decisions, and their numbers',
    `tail -f ${files.log}`,
    `curl -s ${admin}/metrics | grep peerproof_decisions_total`,
  ].join('\n');
}

/** What became of an edited configuration. */
export function describeChange({ event, message, failure }: LoggedChange): string {
  const said = failure === undefined ? message : `${message}\n${failure}`;
  return styled(event === 'configuration_refused' ? 'red' : 'green', `\n${files.config}: ${said}`);
}

function requests(pem: number, xfcc: number): string[] {
  const request = (comment: string, who: string, token: string, port: number) => [
    `# ${comment}`,
    `${curl(who)} \\`,
    `  -H "Authorization: Bearer $(cat ${token}.token)" https://127.0.0.1:${port}/orders/1`,
  ];
  return [
    ...request('the right workload: 200', 'oauthclient', 'bound', pem),
    ...request('the thief: 401', 'other', 'bound', pem),
    ...request('the right workload after rotation, Envoy sends XFCC only: 200', 'rotated', 'bound', xfcc),
    ...request('any other token: plain, expired, billing, edited, stranger', 'oauthclient', 'edited', xfcc),
  ];
}

function curl(who: string): string {
  return `curl -i --cacert ${files.ca} --cert ${who}.pem --key ${who}.key`;
}
