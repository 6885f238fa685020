/** How `identity.claims` and `require.claims` name a claim of this very name. */
export function claimNamed(name: string): string {
  return name.startsWith('/') ? pointer([name]) : name;
}

/**
 * The claim that oauth2-proxy finds by a name, which may be a path with dots. It looks for a claim of the whole name
 * first; `shadow` is that name where both could be there, and only the path is looked at here. What holds a colon or
 * slash is no path: claims are named like that, after URLs.
 */
export function claimAtPath(name: string): { readonly claim: string; readonly shadow?: string } {
  if (!name.includes('.') || /[:/]/.test(name)) return { claim: claimNamed(name) };
  return { claim: pointer(name.split('.')), shadow: name };
}

/** A JSON pointer (RFC 6901 §3). */
export function pointer(steps: readonly string[]): string {
  return steps.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
