// How values are written for a person.

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const dateAndClock = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
const number = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

/** `12:03:04` of this day, else with the date. */
export function timeOf(milliseconds) {
  const time = new Date(milliseconds);
  if (Number.isNaN(time.getTime())) return '-';
  return (time.toDateString() === new Date().toDateString() ? clock : dateAndClock).format(time);
}

/** `5 min`: the largest unit that fits. */
export function duration(seconds) {
  if (seconds < 90) return `${Math.max(0, Math.round(seconds))} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 129_600) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

export function count(value) {
  return number.format(value);
}

export function percent(share) {
  return share === undefined ? '-' : `${number.format(share * 100)} %`;
}

/** Milliseconds of the slowest hundredth. Null is more than all bounds. */
export function latency(value) {
  if (value === undefined) return '-';
  return value === null ? 'more than 5 s' : `${new Intl.NumberFormat('en').format(value)} ms`;
}

const units = {
  checks: count,
  seconds: (value) => `${count(value * 1_000)} ms`,
  bytes: (value) => `${count(value / 1_048_576)} MiB`,
};

export function amount(value, unit) {
  return units[unit](value);
}

/** Since when: `12:03:04 (5 min)`. */
export function since(milliseconds, now) {
  return `${timeOf(milliseconds)} (${duration((now - milliseconds) / 1_000)})`;
}
