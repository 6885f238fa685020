/** The file `oauth2_proxy.cfg` as Kubeflow has it, with an issuer of the test in place of Dex. */
export function kubeflowFile(issuer = 'http://dex.auth.svc.cluster.local:5556/dex', keys = `${issuer}/keys`) {
  return `
provider = "oidc"
oidc_issuer_url = "${issuer}"
scope = "profile email groups openid"
email_domains = [ "*" ]
upstreams = [ "static://200" ]
skip_auth_routes = [
  "^/dex/",
]
api_routes = [ "/api/", "/apis/", "^/ml_metadata" ]
skip_oidc_discovery = true
login_url = "/dex/auth"
redeem_url = "${issuer}/token"
oidc_jwks_url = "${keys}"
skip_provider_button = false
provider_display_name = "Dex"
banner = "-"
footer = "-"
prompt = "none"
set_authorization_header = true
set_xauthrequest = true
cookie_name = "oauth2_proxy_kubeflow"
cookie_expire = "24h"
cookie_refresh = 0
code_challenge_method = "S256"
redirect_url = "/oauth2/callback"
relative_redirect_url = true
`;
}

/** The flags for what Kubeflow keeps in a Secret and in the environment. */
export const kubeflowFlags = ['--client-id=kubeflow-oidc-authservice', '--skip-jwt-bearer-tokens=true'];

/** A mesh configuration as Kubeflow has it, with a comment of its own. */
export const kubeflowMesh = `accessLogFile: /dev/stdout
defaultConfig:
  discoveryAddress: istiod.istio-system.svc:15012
trustDomain: cluster.local
extensionProviders:
# For logins.
- envoyExtAuthzHttp:
    headersToUpstreamOnAllow:
    - authorization
    - path
    includeRequestHeadersInCheck:
    - authorization
    - cookie
    service: oauth2-proxy.oauth2-proxy.svc.cluster.local
    port: 80
  name: oauth2-proxy`;
