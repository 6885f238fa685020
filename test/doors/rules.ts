import type { ConfigInput } from '../../src/config/schema.ts';
import { IDS } from '../support/identities.ts';

const none = ['none' as const];

/** The rules that the table is about. One names a destination, which a gateway and nginx do not have. */
export const rules: ConfigInput['rules'] = [
  { name: 'health', match: { paths: ['/healthz'] }, public: true },
  { name: 'preflight', match: { methods: ['OPTIONS'], paths: ['/orders/**'] }, public: true },
  { name: 'public', match: { paths: ['/public/**'] }, public: true },
  {
    name: 'destination',
    match: { destinations: [IDS.orders], paths: ['/destination'] },
    public: true,
  },
  {
    name: 'admin',
    match: { hosts: ['admin.example.com'] },
    require: { scopes: ['orders.admin'], binding: none },
  },
  {
    name: 'read',
    match: { methods: ['GET', 'HEAD'], paths: ['/orders/**'] },
    require: { issuers: ['corp'], scopes: ['orders.read'], binding: ['certificate', 'workload'] },
  },
  {
    name: 'write',
    match: { methods: ['POST'], paths: ['/orders/**'] },
    require: { issuers: ['corp'], scopes: ['orders.write'], binding: ['certificate', 'workload'] },
  },
  { name: 'certificate', match: { paths: ['/certificate'] }, require: { binding: ['certificate'] } },
  { name: 'bearer', match: { paths: ['/bearer'] }, require: { binding: none } },
  { name: 'peers', match: { paths: ['/peers'] }, require: { peers: [IDS.client], binding: none } },
  { name: 'claims', match: { paths: ['/claims'] }, require: { claims: { tenant: 'blue' }, binding: none } },
  {
    name: 'condition',
    match: { paths: ['/condition'] },
    require: { when: "claims.tenant == request.headers['x-tenant']", binding: none },
  },
  { name: 'optional', match: { paths: ['/optional'] }, require: { token: 'optional', binding: none } },
  { name: 'opaque', match: { paths: ['/opaque'] }, require: { issuers: ['opaque'], binding: none } },
  { name: 'observed', mode: 'observe', match: { paths: ['/observed'] } },
];
