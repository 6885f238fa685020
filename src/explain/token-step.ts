import { wit } from '../core/token/wit-carriers.ts';
import type { JsonObject } from '../lib/json.ts';
import { formatTime } from '../lib/time.ts';
import type { StepView } from './step-view.ts';

/** What was sent as a token, what its issuer vouches for, and what the configuration accepts. */
export function describeToken(view: StepView): readonly string[] {
  const { told, config, rule, show } = view;
  const { token, sent } = told;
  const lines: string[] = [];
  if (sent) lines.push(`sent: ${show(sent.text)}${sent.jws ? '' : ', which is not a JWT'}`);
  if (rule?.credential === 'client-assertion')
    lines.push('the rule reads the token from client_assertion in the body');
  if (rule?.credential === 'client-certificate')
    lines.push(
      'the rule needs no token: the client authenticates with its certificate, and the form names it',
    );
  if (rule?.credential === 'wit') lines.push(`the rule reads the token from the header ${wit.header}`);
  if (!token) return sent?.jws ? [...lines, ...describeClaims(sent.jws.payload, sent.jws.header)] : lines;
  lines.push(
    `it is ${article(token.kind ?? 'token')} of ${token.issuer ?? 'an issuer that is not configured'} (${token.iss ?? 'without iss'})`,
    `subject ${token.subject ?? '(none)'}, client ${token.clientId ?? '(none)'}, alg ${token.algorithm ?? '(none)'}, kid ${token.kid ?? '(none)'}`,
  );
  if (token.serviceAccount !== undefined)
    lines.push(`ServiceAccount ${token.serviceAccount}${token.pod ? `, pod ${token.pod}` : ''}`);
  if (token.actors && token.actors.length > 0)
    lines.push(
      `its actor is ${token.actors[0]}${token.actors.length > 1 ? `, after ${token.actors.slice(1).join(', ')}` : ''}`,
    );
  const issuer = token.issuer === undefined ? undefined : config.issuers[token.issuer];
  const accepted = issuer?.audiences.join(', ');
  if (token.audiences)
    lines.push(`it is for [${token.audiences.join(', ')}], ${token.issuer} accepts [${accepted}]`);
  else if (issuer) lines.push(`${token.issuer} accepts tokens for [${accepted}]`);
  if (token.expiresAt !== undefined)
    lines.push(`it expires ${formatTime(token.expiresAt)}; the time of the check is ${formatTime(view.now)}`);
  return lines;
}

/** What a token says that nobody vouches for. */
function describeClaims(
  { iss, sub, aud, exp }: JsonObject,
  { alg, kid, typ }: JsonObject,
): readonly string[] {
  const said = { iss, sub, aud, exp, alg, kid, typ };
  const members = Object.entries(said)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return [`it says, and nobody vouches for it: ${members.join(', ')}`];
}

function article(kind: string): string {
  return `${/^[aeo]/.test(kind) ? 'an' : 'a'} ${kind}`;
}
