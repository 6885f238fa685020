import * as z from 'zod';
import { normalTarget } from '../core/binding/target.ts';
import { parseHost } from '../core/policy/host.ts';
import { Malformed } from '../lib/malformed.ts';

const host = z
  .string()
  .refine(
    (text) => text === text.toLowerCase() && !(parseHost(text) instanceof Malformed),
    'must be a Host in lower case, such as orders.internal or orders.internal:8080',
  );

const origin = z
  .string()
  .refine(
    (text) => !/[?#]|\/$/.test(text) && !(normalTarget(text) instanceof Malformed),
    'must be an http or https address without query and without a slash at its end, such as https://orders.example.com',
  );

/** What clients write before the path of an address, by the Host that is received. */
export const origins = z.record(host, origin).default({});
