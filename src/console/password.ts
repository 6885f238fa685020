import { hash, timingSafeEqual } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConsoleAnswer, text } from './answer.ts';

/**
 * @param from the address of the client
 * @returns the answer of a request with a wrong password, else undefined
 */
export type PasswordCheck = (
  authorization: string | undefined,
  password: string,
  from: string,
) => Promise<ConsoleAnswer | undefined>;

const user = 'peerproof';
/** Milliseconds until a wrong password is answered. */
const pause = 1_000;
/** Wrong passwords of one address that wait for their answer. While there are as many, none of it is looked at. */
const mostWrong = 10;

/**
 * Makes the check of `Authorization: Basic` (RFC 7617). The time of a comparison does not depend on the
 * password. An address can try ten passwords a second, and cannot keep other addresses out.
 */
export function createPasswordCheck(wait: (ms: number) => Promise<unknown> = sleep): PasswordCheck {
  const wrong = new Map<string, number>();
  return async (authorization, password, from) => {
    if (authorization === undefined) return asked();
    const waiting = wrong.get(from) ?? 0;
    if (waiting >= mostWrong) return text(429, 'Too many wrong passwords. Try again in a second.');
    const sent = /^basic +([A-Za-z0-9+/]+=*) *$/i.exec(authorization.slice(0, 4_096))?.[1] ?? '';
    if (isEqual(Buffer.from(sent, 'base64'), Buffer.from(`${user}:${password}`))) return undefined;
    wrong.set(from, waiting + 1);
    try {
      await wait(pause);
    } finally {
      const left = (wrong.get(from) ?? 1) - 1;
      if (left > 0) wrong.set(from, left);
      else wrong.delete(from);
    }
    return asked();
  };
}

function isEqual(one: Buffer, other: Buffer): boolean {
  const [a, b] = [one, other].map((bytes) => hash('sha256', bytes, 'buffer'));
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}

function asked(): ConsoleAnswer {
  const challenge = 'Basic realm="Peerproof console", charset="UTF-8"';
  return text(401, 'The console needs its password.', { 'www-authenticate': challenge });
}
