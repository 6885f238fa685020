import { literal } from './audience.ts';
import { claimAtPath, pointer } from './claim.ts';
import type { Reading } from './provider.ts';
import type { MigrationReport } from './report.ts';
import type { Settings } from './settings.ts';

/** Which groups may pass, in the words of the configuration. */
export interface GroupRule {
  readonly claims: Readonly<Record<string, readonly string[]>>;
  readonly when: readonly string[];
  /** In CEL, what tokens of `--extra-jwt-issuers` must meet on top. */
  readonly whenExtra?: string;
  /** Whether tokens of every issuer are asked in the same way in oauth2-proxy. */
  readonly same: boolean;
}

const anybody: GroupRule = { claims: {}, when: [], same: true };
/** Providers that have an option of their own for groups, which then counts instead of `--allowed-group`. */
const own: Readonly<Record<string, string>> = {
  gitlab: 'gitlab-group',
  google: 'google-group',
  keycloak: 'keycloak-group',
};

/** One of the groups or roles must be in the token. Groups and roles together cannot be said, so the groups alone count. */
export function groupRuleOf(
  provider: string,
  reading: Reading,
  settings: Settings,
  report: MigrationReport,
): GroupRule {
  const special = ownOptionOf(provider, settings);
  const counts = special ?? 'allowed-group';
  if (counts !== 'allowed-group') {
    report.say(counts, 'kept', 'require.claims of the rule bearer');
    report.say('allowed-group', 'not needed', `oauth2-proxy asks for --${counts} instead`);
  }
  if (provider === 'gitlab' && settings.asks('gitlab-project')) refuseProjects(special !== undefined, report);
  const roles = provider === 'keycloak-oidc' ? settings.list('allowed-role') : [];
  if (settings.asks('allowed-role') && provider !== 'keycloak-oidc')
    report.say(
      'allowed-role',
      'not needed',
      `with the provider ${provider}, oauth2-proxy does not ask for it`,
    );
  const all = settings.list(counts);
  const prefixed = provider === 'keycloak-oidc' ? all.filter((group) => group.startsWith('role:')) : [];
  const groups = all.filter((group) => !prefixed.includes(group));
  const wanted = [...roles, ...prefixed.map((role) => role.slice('role:'.length))];
  if (all.length === 0 && provider === 'keycloak-oidc' && settings.isBlank('allowed-role'))
    report.refuse('allowed-role', 'nobody has a role without a name');
  if (groups.length === 0) return wanted.length > 0 ? rolesRule(wanted, settings, report) : anybody;
  if (roles.length > 0)
    report.say(
      'allowed-role',
      'not supported',
      'either a group or a role cannot be asked: the groups alone count; a rule by hand can ask for roles instead',
    );
  if (prefixed.length > 0)
    report.say('allowed-group', 'not supported', 'of groups and roles, the groups alone count');
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
 * In CEL, that a claim is a list of texts and nothing else: where oauth2-proxy takes no single value for a list of one, and
 * refuses a token that has it. Anything else has no `all` or no `startsWith`, and an error denies.
 */
function onlyTexts(steps: readonly string[]): string {
  return `claims${steps.map((step) => `[${literal(step)}]`).join('')}.all(one, one.startsWith(''))`;
}

/** A role `client:role` belongs to a client, and any other to the realm. */
function rolesRule(roles: readonly string[], settings: Settings, report: MigrationReport): GroupRule {
  const option = settings.list('allowed-role').length > 0 ? 'allowed-role' : 'allowed-group';
  const [steps] = roles.map(placeOf);
  const place = steps && pointer(steps);
  if (!steps || place === undefined || !roles.every((role) => pointer(placeOf(role) ?? []) === place)) {
    report.refuse(
      option,
      'roles of the realm and of clients cannot be asked as alternatives: name those of one place',
    );
    return { ...anybody, same: false };
  }
  report.say(option, 'replaced', `require.claims of the rule bearer: ${place}`);
  return {
    claims: { [place]: roles.map((role) => role.slice(role.lastIndexOf(':') + 1)) },
    when: [onlyTexts(steps)],
    same: false,
  };
}

/** The steps to the list that holds a role; undefined where its name can be read in two ways. */
function placeOf(role: string): readonly string[] | undefined {
  const [client = '', name, ...more] = role.split(':');
  if (name === undefined) return ['realm_access', 'roles'];
  return more.length > 0 ? undefined : ['resource_access', client, 'roles'];
}

function refuseProjects(groupsCount: boolean, report: MigrationReport): void {
  const why = 'no project is in a token';
  if (groupsCount) report.say('gitlab-project', 'not supported', `${why}: the groups alone count`);
  else report.refuse('gitlab-project', `${why}: ask for a group`);
}

/** Google's groups count only where oauth2-proxy may ask its directory. */
function ownOptionOf(provider: string, settings: Settings): string | undefined {
  const option = own[provider];
  const asks =
    provider !== 'google' ||
    settings.asks('google-service-account-json') ||
    /^(?:1|t|true)$/i.test(settings.text('google-use-application-default-credentials') ?? '');
  return option && asks && settings.list(option).length > 0 ? option : undefined;
}
