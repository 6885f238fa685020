/**
 * The functions that a condition can call, and our replacements for functions of cel-js that accept too much
 * or can take very long.
 */
import { type Environment, EvaluationError } from '@marcbachmann/cel-js';
import { holds } from './search.ts';

export const loops = ['all', 'exists', 'exists_one', 'filter'];
/** Names and numbers of arguments. A function that is not listed here cannot be called. */
export const functions: Readonly<Record<string, number>> = {
  has: 1,
  size: 1,
  int: 1,
  double: 1,
  string: 1,
  bool: 1,
  timestamp: 1,
  duration: 1,
};
export const methods: Readonly<Record<string, number>> = {
  size: 0,
  contains: 1,
  startsWith: 1,
  endsWith: 1,
  ...Object.fromEntries(loops.map((name) => [name, 2])),
  getFullYear: 0,
  getMonth: 0,
  getDate: 0,
  getDayOfMonth: 0,
  getDayOfWeek: 0,
  getHours: 0,
  getMinutes: 0,
  getSeconds: 0,
};

/**
 * A function of cel-js cannot be replaced. So ours are registered under names that no condition can call. The
 * survey writes these names into the expression that it has approved.
 */
const ours = { contains: 'contains_', int: 'int_', double: 'double_', seconds: 'seconds_' } as const;

export function ourName(name: string): string {
  return name === 'contains' || name === 'int' || name === 'double' ? ours[name] : name;
}

/** For the argument of `timestamp()`: `int()` that accepts only times in the supported years. */
export const secondsName: string = ours.seconds;

/** Replaces our names in a message of cel-js by those that conditions use. */
export function withTheirNames(message: string): string {
  return message.replaceAll(/\b(contains|int|double)_\(/g, '$1(').replaceAll('seconds_(', 'int(');
}

const maxInt = 2n ** 63n - 1n;
const minInt = -(2n ** 63n);

/** A text must be digits. cel-js also accepts `''`, `0b1`, `0o7`, and numbers that do not fit. */
function toInt(value: unknown): bigint {
  if (typeof value === 'number' && Number.isFinite(value)) {
    // CEL also refuses the bounds themselves, because they may be rounded from a larger number.
    if (Math.abs(value) < 2 ** 63) return BigInt(Math.trunc(value));
  } else if (typeof value === 'string' && value.length <= 20 && /^[+-]?\d+$/.test(value)) {
    const whole = BigInt(value.startsWith('+') ? value.slice(1) : value);
    if (whole >= minInt && whole <= maxInt) return whole;
  }
  throw failed('int_conversion_error');
}

/** A text must be a decimal number. cel-js also accepts `0x10` and `0b1`. */
function toDouble(text: string): number {
  if (text.length <= 64) {
    if (/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return Number(text);
    const word = /^([+-]?)(?:inf(?:inity)?|(nan))$/i.exec(text);
    if (word)
      return word[2] ? Number.NaN : word[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  throw failed('double_conversion_error');
}

/** 1900 to 2099. Then each time plus a span, and each difference of two times, is within the range of CEL. */
const firstSecond = -2_208_988_800n;
const lastSecond = 4_102_444_799n;

function toSeconds(seconds: bigint): bigint {
  if (seconds >= firstSecond && seconds <= lastSecond) return seconds;
  throw failed('invalid_timestamp');
}

function failed(code: string): EvaluationError {
  return new EvaluationError({ code, message: code });
}

export function registerOurs(language: Environment): Environment {
  const { contains, int, double, seconds } = ours;
  const sync = { async: false };
  return language
    .registerFunction(`string.${contains}(string): bool`, holds, sync)
    .registerFunction(`${int}(int): int`, (value: bigint) => value, sync)
    .registerFunction(`${int}(double): int`, toInt, sync)
    .registerFunction(`${int}(string): int`, toInt, sync)
    .registerFunction(`${double}(double): double`, (value: number) => value, sync)
    .registerFunction(`${double}(int): double`, (value: bigint) => Number(value), sync)
    .registerFunction(`${double}(string): double`, toDouble, sync)
    .registerFunction(`${seconds}(int): int`, toSeconds, sync)
    .registerFunction(`${seconds}(double): int`, (value: number) => toSeconds(toInt(value)), sync)
    .registerFunction(`${seconds}(string): int`, (value: string) => toSeconds(toInt(value)), sync);
}
