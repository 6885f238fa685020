import { carries, type Shows, sign, withIdentity } from './world.ts';

const full = {
  email: 'alice@example.com',
  preferred_username: 'Alice',
  groups: ['staff', 'buyers'],
};
const token = sign(full);

/** What a proxy can copy from the answer. */
export const headers: Shows<
  | 'x-auth-request-user'
  | 'x-auth-request-email'
  | 'x-auth-request-preferred-username'
  | 'x-auth-request-groups'
  | 'x-auth-request-access-token'
  | 'authorization'
  | 'gap-auth'
  | 'an empty claim'
  | 'x-forwarded-user, -email, …'
  | 'characters outside ASCII'
  | 'a comma in a group'
> = {
  async 'x-auth-request-user'(t) {
    await carries(t, { token }, { 'x-auth-request-user': 'alice' });
    await carries(t, { token: sign({ sub: 'bob', email: 'a@b.example' }) }, { 'x-auth-request-user': 'bob' });
  },
  async 'x-auth-request-email'(t) {
    await carries(t, { token }, { 'x-auth-request-email': 'alice@example.com' });
    for (const email of [undefined, ''])
      await carries(t, { token: sign({ email }) }, { 'x-auth-request-email': 'alice' });
  },
  async 'x-auth-request-preferred-username'(t) {
    await carries(t, { token }, { 'x-auth-request-preferred-username': 'Alice' });
  },
  async 'x-auth-request-groups'(t) {
    await carries(t, { token }, { 'x-auth-request-groups': 'staff,buyers' });
  },
  async 'x-auth-request-access-token'(t) {
    await carries(t, { token }, { 'x-auth-request-access-token': token });
    const off = await withIdentity({ passAccessToken: false, passAuthorization: true });
    await carries(
      t,
      { token },
      { 'x-auth-request-access-token': undefined, 'x-forwarded-access-token': undefined },
      off,
    );
  },
  async authorization(t) {
    await carries(t, { token }, { authorization: `Bearer ${token}` });
    const off = await withIdentity({ passAccessToken: true, passAuthorization: false });
    await carries(t, { token }, { authorization: undefined, 'x-auth-request-access-token': token }, off);
  },
  async 'gap-auth'(t) {
    await carries(t, { token }, { 'gap-auth': 'alice@example.com' });
    await carries(t, { token: sign() }, { 'gap-auth': 'alice' });
  },
  async 'an empty claim'(t) {
    const names = ['x-auth-request-preferred-username', 'x-auth-request-groups', 'x-forwarded-groups'];
    const nothing = Object.fromEntries(names.map((name) => [name, undefined]));
    for (const claims of [
      {},
      { preferred_username: '', groups: [] },
      { preferred_username: null, groups: '' },
    ])
      await carries(t, { token: sign(claims) }, nothing);
  },
  async 'x-forwarded-user, -email, …'(t) {
    await carries(
      t,
      { token },
      {
        'x-forwarded-user': 'alice',
        'x-forwarded-email': 'alice@example.com',
        'x-forwarded-preferred-username': 'Alice',
        'x-forwarded-groups': 'staff,buyers',
        'x-forwarded-access-token': token,
      },
    );
  },
  async 'characters outside ASCII'(t) {
    await carries(t, { token: sign({ sub: 'Zoë 100%' }) }, { 'x-auth-request-user': 'Zo%C3%AB 100%25' });
  },
  async 'a comma in a group'(t) {
    const groups = ['staff,admin', 'buyers'];
    await carries(t, { token: sign({ groups }) }, { 'x-auth-request-groups': 'staff%2Cadmin,buyers' });
  },
};
