import { type JsonObject, listOf, recordOf } from '../lib/json.ts';

type Say = (path: readonly PropertyKey[], message: string) => void;

/** What a rule may have whose clients send no token. */
const besideCertificate = ['credential', 'peers', 'token', 'observe'];

/** Whether a rule accepts tokens at all. */
export function needsToken(rule: JsonObject): boolean {
  const tcp = recordOf(rule.match).protocol === 'tcp';
  return !tcp && rule.public !== true && recordOf(rule.require).credential !== 'client-certificate';
}

/** Whether a rule authenticates the clients of a token endpoint. */
export function isOfClients({ credential }: JsonObject): boolean {
  return credential === 'client-assertion' || credential === 'client-certificate';
}

/**
 * Checks what a rule for a token endpoint requires. The document may have any shape.
 * @param required `require` of the rule
 * @param say takes a path below it
 */
export function crossCheckClient(required: JsonObject, root: JsonObject, say: Say): void {
  const { credential, binding, token, authorizationServer } = required;
  if (credential === 'client-assertion' && listOf(binding).includes('none'))
    say(
      ['binding'],
      'cannot be none: a client assertion is only accepted from the workload that it belongs to',
    );
  if (isOfClients(required) && token === 'optional')
    say(
      ['token'],
      `cannot be optional with credential: ${credential}, because a token endpoint must know its client: remove it`,
    );
  if (authorizationServer !== undefined) checkServer(required, root, say);
  if (credential === 'client-certificate') checkCertificate(required, root, say);
}

function checkServer({ credential, authorizationServer, issuers }: JsonObject, root: JsonObject, say: Say) {
  if (credential !== 'client-assertion') {
    say(['authorizationServer'], 'has an effect only with credential: client-assertion: remove it');
    return;
  }
  const named = listOf(issuers);
  const fits = Object.entries(recordOf(root.issuers)).some(([name, value]) => {
    const { accept, audiences } = recordOf(value);
    return (
      accept === 'jwt-svid' &&
      (named.length === 0 || named.includes(name)) &&
      listOf(audiences).includes(authorizationServer)
    );
  });
  if (!fits)
    say(
      ['authorizationServer'],
      'needs an issuer of JWT-SVIDs for it, that the rule accepts: one with accept: jwt-svid, whose audiences hold this value',
    );
}

function checkCertificate(required: JsonObject, { peers }: JsonObject, say: Say): void {
  for (const key of Object.keys(required).filter((name) => !besideCertificate.includes(name)))
    if (key !== 'authorizationServer')
      say(
        [key],
        'is not possible with credential: client-certificate, because the client sends no token: remove it',
      );
  if (Object.keys(recordOf(recordOf(peers).trustDomains)).length === 0)
    say(['credential'], 'client-certificate needs peers.trustDomains: without it no SPIFFE ID is accepted');
}
