import type { Fixture } from '../fixture.ts';
import type { HttpCase, HttpInput, Setup } from '../http-case.ts';

/** Somebody asks this at the HTTP door. */
export const http = (
  setup: Setup,
  ask: HttpInput | ((f: Fixture) => HttpInput),
  reason: HttpCase['reason'],
  other: Partial<HttpCase> = {},
): HttpCase => ({ setup, ask: typeof ask === 'function' ? ask : () => ask, reason, ...other });
