import { isText, main, type Shows, sign } from './world.ts';

const token = sign({ groups: ['staff', 'ops'], email: 'alice@example.com' });
const statusOf = async (query: string, asked = token) => (await main.auth({ token: asked, query })).status;

/** What a proxy demands in the query of its check. */
export const query: Shows<
  | 'allowed_groups not met'
  | 'allowed_emails not met'
  | 'allowed_email_domains not met'
  | 'several values of a parameter'
  | 'several parameters'
  | 'a parameter without value'
  | 'an unknown parameter'
  | 'spaces in a list'
  | 'case of an e-mail domain'
  | 'allowed_* elsewhere'
> = {
  async 'allowed_groups not met'(t) {
    isText(t, await main.auth({ token, query: '?allowed_groups=admin' }), 403, 'Forbidden');
    t.is(await statusOf('?allowed_groups=staff'), 202);
    t.is(await statusOf('?allowed_groups=staff', sign()), 403);
  },
  async 'allowed_emails not met'(t) {
    isText(t, await main.auth({ token, query: '?allowed_emails=bob@example.com' }), 403, 'Forbidden');
    t.is(await statusOf('?allowed_emails=alice@example.com'), 202);
    t.is(await statusOf('?allowed_emails=alice', sign()), 202);
  },
  async 'allowed_email_domains not met'(t) {
    isText(t, await main.auth({ token, query: '?allowed_email_domains=example.net' }), 403, 'Forbidden');
    t.is(await statusOf('?allowed_email_domains=example.com'), 202);
    for (const domain of ['.example.com', '*.example.com'])
      t.is(await statusOf(`?allowed_email_domains=${domain}`, sign({ email: 'a@eu.example.com' })), 202);
    t.is(await statusOf('?allowed_email_domains=example.com', sign()), 403);
  },
  async 'several values of a parameter'(t) {
    for (const query of ['?allowed_groups=admin,ops', '?allowed_groups=admin&allowed_groups=ops'])
      t.is(await statusOf(query), 202, query);
    t.is(await statusOf('?allowed_groups=admin,root&allowed_groups=x'), 403);
  },
  async 'several parameters'(t) {
    t.is(await statusOf('?allowed_groups=ops&allowed_email_domains=example.com'), 202);
    t.is(await statusOf('?allowed_groups=ops&allowed_email_domains=example.net'), 403);
    t.is(await statusOf('?allowed_groups=admin&allowed_emails=alice@example.com'), 403);
  },
  async 'a parameter without value'(t) {
    for (const query of [
      '?allowed_groups=',
      '?allowed_groups',
      '?allowed_emails=,',
      '?allowed_email_domains=',
    ])
      t.is(await statusOf(query), 403, query);
  },
  async 'an unknown parameter'(t) {
    for (const query of ['?allowed_group=staff', '?allowed_groups=staff&rd=/', '?ALLOWED_GROUPS=staff'])
      t.is(await statusOf(query), 400, query);
  },
  async 'spaces in a list'(t) {
    t.is(await statusOf('?allowed_groups=admin,%20ops'), 202);
    t.is(await statusOf('?allowed_groups=+staff+'), 202);
  },
  async 'case of an e-mail domain'(t) {
    t.is(await statusOf('?allowed_email_domains=EXAMPLE.com'), 202);
    t.is(await statusOf('?allowed_email_domains=example.com', sign({ email: 'a@Example.COM' })), 202);
    t.is(await statusOf('?allowed_emails=Alice@example.com'), 403);
  },
  async 'allowed_* elsewhere'(t) {
    for (const name of ['allowed_groups', 'allowed_emails', 'allowed_email_domains'])
      t.is((await main.check({ token, path: `/orders?${name}=nobody` })).status, 200);
    // A rule says the same, and no client can leave it out.
    t.is((await main.check({ token, path: '/admin/x?allowed_groups=staff' })).status, 403);
  },
};
