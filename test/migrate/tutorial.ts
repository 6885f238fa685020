/** The flags of Kyma's tutorial that say how oauth2-proxy answers. */
export const tutorialSwitches = [
  '--upstream=static://200',
  '--login-url=static://401',
  '--skip-jwt-bearer-tokens=true',
  '--set-xauthrequest=true',
  '--set-authorization-header=true',
  '--pass-access-token=true',
  '--pass-authorization-header=true',
  '--pass-user-headers=true',
  '--force-json-errors=true',
  '--reverse-proxy=true',
  '--auth-logging=true',
  '--request-logging=true',
  '--standard-logging=true',
];

/** The flags of Kyma's tutorial, with the addresses of this test. */
export const tutorialFlags = (issuer: string, address: string) => [
  '--provider=oidc',
  `--oidc-issuer-url=${issuer}`,
  '--client-id=orders',
  '--client-secret=not-used',
  '--cookie-secret=AAAAAAAAAAAAAAAAAAAAAA==',
  '--email-domain=*',
  `--http-address=${address}`,
  ...tutorialSwitches,
];
