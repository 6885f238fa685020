import { isAlgorithm } from '../core/token/algorithms.ts';
import { append, type Change, type Propose, placeOf } from './change.ts';
import { presentedToken } from './presented-token.ts';

/** The longest value that is proposed: a longer one is not what a person would write. */
const longest = 256;

/** An audience of the token at its issuer. */
export const addAudience: Propose = ({ decision: { found } }) => {
  const { issuer = '', audiences = [] } = found.token ?? {};
  const audience = audiences.find(({ length }) => length > 0 && length <= longest);
  if (audience === undefined) return [];
  return [
    {
      amendments: [append(['issuers', issuer, 'audiences'], audience)],
      what: `adds the audience to the issuer ${issuer}`,
      also: `every token that ${issuer} issued for ${JSON.stringify(audience)}, at each rule that accepts ${issuer}`,
    },
  ];
};

/** The issuer in the list of the rule. */
export const acceptIssuer: Propose = ({ decision: { found }, loaded }) => {
  const { rule, token } = found;
  const place = rule && placeOf(loaded.config, rule.name);
  if (!place || !token) return [];
  return [
    {
      amendments: [append([...place, 'require', 'issuers'], token.issuer)],
      what: `accepts the issuer ${token.issuer} in the rule ${rule.name}`,
      also: `every token of ${token.issuer} that meets the other requirements of the rule ${rule.name}`,
    },
  ];
};

/** `iss` as the token has it, where the configured one differs only in case or in a slash at the end. */
export const correctIssuer: Propose = ({ decision: { found }, evidence, loaded }) => {
  const iss = presentedToken(evidence, found.rule)?.jws?.payload.iss;
  if (typeof iss !== 'string' || iss.length > longest) return [];
  const alike = (text: string) => (text.endsWith('/') ? text.slice(0, -1) : text).toLowerCase();
  return Object.entries(loaded.config.issuers)
    .filter(([, { issuer }]) => issuer !== undefined && issuer !== iss && alike(issuer) === alike(iss))
    .map(([name, { issuer }]): Change => {
      const what = `writes the issuer ${name} as its tokens do`;
      const also = `every other token with this iss. Tokens with ${JSON.stringify(issuer)} would be refused`;
      return { amendments: [{ kind: 'set', path: ['issuers', name, 'issuer'], value: iss }], what, also };
    });
};

/** An asymmetric algorithm that the issuer does not use so far. */
export const acceptAlgorithm: Propose = ({ decision: { found }, evidence, policy, loaded }) => {
  const jws = presentedToken(evidence, found.rule)?.jws;
  const name = jws && policy.tokens.issuers.forJwt(jws)?.name;
  const { alg } = jws?.header ?? {};
  const accepted = name === undefined ? undefined : loaded.config.issuers[name]?.algorithms;
  if (name === undefined || !isAlgorithm(alg) || !accepted || accepted.includes(alg)) return [];
  return [
    {
      amendments: [{ kind: 'set', path: ['issuers', name, 'algorithms'], value: [...accepted, alg] }],
      what: `accepts ${alg} from the issuer ${name}`,
      also: `every token of ${name} that one of its keys signed with ${alg}`,
    },
  ];
};

/** The largest value that the schema accepts. */
const longestToken = 65_536;

export const raiseTokenLength: Propose = ({ decision: { found }, evidence }) => {
  const length = presentedToken(evidence, found.rule)?.text.length ?? Number.POSITIVE_INFINITY;
  if (length > longestToken) return [];
  return [
    {
      amendments: [{ kind: 'set', path: ['limits', 'tokenLength'], value: length }],
      what: `accepts tokens of ${length} characters`,
      also: 'every other token of up to this length. Each costs more time and memory',
    },
  ];
};
