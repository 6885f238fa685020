/** The name of a claim in `identity.claims` and `require.claims`. The name is not split at dots. */
export function claimNamed(name: string): string {
  return name.startsWith('/') ? pointer([name]) : name;
}

/**
 * The claim that oauth2-proxy finds by a name, which may be a path with dots. oauth2-proxy looks for a claim
 * with the whole name first. Here, only the path is read: `shadow` is the whole name, if a token could have
 * both. A name with a colon or slash is not a path, because claims that are named after URLs look like that.
 */
export function claimAtPath(name: string): { readonly claim: string; readonly shadow?: string } {
  if (!name.includes('.') || /[:/]/.test(name)) return { claim: claimNamed(name) };
  return { claim: pointer(name.split('.')), shadow: name };
}

/** A JSON pointer (RFC 6901 §3). */
export function pointer(steps: readonly string[]): string {
  return steps.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
