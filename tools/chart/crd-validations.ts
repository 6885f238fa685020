/** A CEL rule of the API server. It says early what Peerproof would say in the status. */
export interface Validation {
  readonly rule: string;
  readonly message: string;
  readonly fieldPath?: string;
  readonly reason?: string;
}

const isTcp = "has(self.match) && has(self.match.protocol) && self.match.protocol == 'tcp'";
const isOptional = "has(self.require) && has(self.require.token) && self.require.token == 'optional'";
const isAssertion = isCredential('client-assertion');
const isCertificate = isCredential('client-certificate');

const onlyHttp = ['hosts', 'methods', 'paths', 'context'];
/** CEL does not know `claims`, because its values have no single type. Peerproof refuses it here. */
const ofToken = [
  ...['scopes', 'serviceAccounts', 'namespaces', 'pods'],
  ...['actors', 'emails', 'emailDomains', 'when'],
];

/** Of each rule: what stands beside each other and cannot. */
export const ofRule: readonly Validation[] = [
  {
    rule: '!(has(self.public) && has(self.require))',
    message: 'cannot be combined with public: remove one of them',
    fieldPath: '.require',
    reason: 'FieldValueForbidden',
  },
  {
    rule: `!(${isTcp}) || (${noneOf('match', onlyHttp)})`,
    message: `${onlyHttp.join(', ')} are not possible with protocol tcp: remove them`,
    fieldPath: '.match',
    reason: 'FieldValueForbidden',
  },
  {
    rule: `!(${isTcp}) || has(self.public) || (has(self.require) && has(self.require.peers) && size(self.require.peers) > 0)`,
    message: 'with protocol tcp, a rule needs require.peers or public: true',
    fieldPath: '.match',
    reason: 'FieldValueInvalid',
  },
  {
    rule: `!(${isOptional}) || (${noneOf('require', ofToken)})`,
    message: `${ofToken.join(', ')} cannot be combined with token: optional, because a token that may be missing cannot meet them: remove them`,
    fieldPath: '.require',
    reason: 'FieldValueForbidden',
  },
  {
    rule: `!(${isOptional}) || !(${isAssertion} || ${isCertificate})`,
    message: 'token cannot be optional with credential: client-assertion or client-certificate: remove it',
    fieldPath: '.require',
    reason: 'FieldValueForbidden',
  },
  {
    rule: `!(${isCertificate}) || (${noneOf('require', [...ofToken, 'issuers', 'binding', 'authorizationServer'])})`,
    message: 'only peers can stand beside credential: client-certificate, because the client sends no token',
    fieldPath: '.require',
    reason: 'FieldValueForbidden',
  },
  {
    rule: `!(${isAssertion}) || !has(self.require.binding) || !self.require.binding.exists(proof, proof == 'none')`,
    message:
      'binding cannot be none: a client assertion is only accepted from the workload that it belongs to',
    fieldPath: '.require',
    reason: 'FieldValueForbidden',
  },
];

/** Of the list of rules. */
export const ofRules: readonly Validation[] = [
  {
    rule: 'self.all(one, self.exists_one(other, other.name == one.name))',
    message: 'each name must be unique',
    // With FieldValueDuplicate the API server would leave out the message.
    reason: 'FieldValueInvalid',
  },
];

function isCredential(name: string): string {
  return `has(self.require) && has(self.require.credential) && self.require.credential == '${name}'`;
}

function noneOf(part: string, keys: readonly string[]): string {
  return keys.map((key) => `!has(self.${part}.${key})`).join(' && ');
}
