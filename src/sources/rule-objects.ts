/** The kind of the objects in which teams write their rules. */
export const ruleObjects = {
  group: 'peerproof.io',
  version: 'v1alpha1',
  kind: 'AuthorizationRules',
  plural: 'authorizationrules',
} as const;
