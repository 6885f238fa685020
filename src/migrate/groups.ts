import { literal } from './audience.ts';
import { claimAtPath, pointer } from './claim.ts';
import type { Reading } from './provider.ts';
import type { Report } from './report.ts';
import type { Settings } from './settings.ts';

/** Which groups may pass, as settings of the configuration. */
export interface GroupRule {
  readonly claims: Readonly<Record<string, readonly string[]>>;
  readonly when: readonly string[];
  /** In CEL, an additional condition for tokens of `--extra-jwt-issuers`. */
  readonly whenExtra?: string;
  /** Whether oauth2-proxy checks tokens of every issuer in the same way. */
  readonly same: boolean;
}

const anybody: GroupRule = { claims: {}, when: [], same: true };
/** Providers with their own option for groups, which replaces `--allowed-group`. */
const own: Readonly<Record<string, string>> = {
  gitlab: 'gitlab-group',
  google: 'google-group',
  keycloak: 'keycloak-group',
};

/** The token must have one of the groups or roles. A rule cannot express both: only groups are used then. */
export function groupRule(provider: string, reading: Reading, settings: Settings, report: Report): GroupRule {
  const special = providerOption(provider, settings);
  const counts = special ?? 'allowed-group';
  if (counts !== 'allowed-group') {
    report.kept(counts, 'require.claims of the rule bearer');
    report.unneeded('allowed-group', `oauth2-proxy checks --${counts} instead`);
  }
  if (provider === 'gitlab' && settings.asks('gitlab-project')) refuseProjects(special !== undefined, report);
  const roles = provider === 'keycloak-oidc' ? settings.list('allowed-role') : [];
  if (settings.asks('allowed-role') && provider !== 'keycloak-oidc')
    report.unneeded('allowed-role', `with the provider ${provider}, oauth2-proxy does not check it`);
  const all = settings.list(counts);
  const prefixed = provider === 'keycloak-oidc' ? all.filter((group) => group.startsWith('role:')) : [];
  const groups = all.filter((group) => !prefixed.includes(group));
  const wanted = [...roles, ...prefixed.map((role) => role.slice('role:'.length))];
  if (all.length === 0 && provider === 'keycloak-oidc' && settings.isBlank('allowed-role'))
    report.refuse('allowed-role', 'an empty role matches no token');
  if (groups.length === 0) return wanted.length > 0 ? rolesRule(wanted, settings, report) : anybody;
  if (roles.length > 0)
    report.unsupported(
      'allowed-role',
      'a rule cannot require a group or a role as alternatives: only the groups are used; write your own rule to require roles instead',
    );
  if (prefixed.length > 0)
    report.unsupported(
      'allowed-group',
      'a rule cannot require a group or a role as alternatives: only the groups are used',
    );
  return claimRule(groups, reading, settings);
}

function claimRule(groups: readonly string[], reading: Reading, settings: Settings): GroupRule {
  const name = reading === 'openid' ? (settings.text('oidc-groups-claim') ?? 'groups') : 'groups';
  const { claim, shadow } = claimAtPath(name);
  const whenExtra = onlyTexts(['groups']);
  return {
    claims: { [claim]: groups },
    when: [
      ...(shadow === undefined ? [] : [`!(${literal(shadow)} in claims)`]),
      ...(reading === 'openid' ? [] : [whenExtra]),
    ],
    whenExtra,
    same: name === 'groups',
  };
}

/**
 * A CEL condition: the claim is a list of strings. Used where oauth2-proxy refuses a token with a single
 * value instead of a list. Other values have no `all` or no `startsWith`, so the condition fails with an
 * error, which denies.
 */
function onlyTexts(steps: readonly string[]): string {
  return `claims${steps.map((step) => `[${literal(step)}]`).join('')}.all(one, one.startsWith(''))`;
}

/** A role `client:role` belongs to a client. Other roles belong to the realm. */
function rolesRule(roles: readonly string[], settings: Settings, report: Report): GroupRule {
  const option = settings.list('allowed-role').length > 0 ? 'allowed-role' : 'allowed-group';
  const [steps] = roles.map(rolePath);
  const place = steps && pointer(steps);
  if (!steps || place === undefined || !roles.every((role) => pointer(rolePath(role) ?? []) === place)) {
    report.refuse(
      option,
      'a rule cannot require roles of the realm and of clients as alternatives: keep the roles of one of them',
    );
    return { ...anybody, same: false };
  }
  report.replaced(option, `require.claims of the rule bearer: ${place}`);
  return {
    claims: { [place]: roles.map((role) => role.slice(role.lastIndexOf(':') + 1)) },
    when: [onlyTexts(steps)],
    same: false,
  };
}

/** The path to the list that holds a role. Undefined if the name is ambiguous. */
function rolePath(role: string): readonly string[] | undefined {
  const [client = '', name, ...more] = role.split(':');
  if (name === undefined) return ['realm_access', 'roles'];
  return more.length > 0 ? undefined : ['resource_access', client, 'roles'];
}

function refuseProjects(groupsCount: boolean, report: Report): void {
  const why = 'a token does not hold projects';
  if (groupsCount) report.unsupported('gitlab-project', `${why}: only the groups are used`);
  else report.refuse('gitlab-project', `${why}: require a group instead`);
}

/** Groups of Google are used only if oauth2-proxy may query its directory. */
function providerOption(provider: string, settings: Settings): string | undefined {
  const option = own[provider];
  const asks =
    provider !== 'google' ||
    settings.asks('google-service-account-json') ||
    /^(?:1|t|true)$/i.test(settings.text('google-use-application-default-credentials') ?? '');
  return option && asks && settings.list(option).length > 0 ? option : undefined;
}
