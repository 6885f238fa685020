import { hostname } from 'node:os';

/** The name of this pod, else of this host. */
export const node = process.env.POD_NAME || hostname();
