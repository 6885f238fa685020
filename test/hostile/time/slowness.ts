/** Something that a reader of tokens does: it walks over a text, reads it as JSON and writes it again. */
const text = JSON.stringify(
  Array.from({ length: 400 }, (_, n) => ({ name: `claim-${n}`, list: [n, `${n * 7919}`, null, true] })),
);
function reference(): number {
  let sum = 0;
  for (let at = 0; at < text.length; at++) sum = (sum * 31 + text.charCodeAt(at)) | 0;
  return sum + JSON.stringify(JSON.parse(text)).length;
}

/** Microseconds of processor time that it took on the machine on which the budgets were set. */
const usual = 170;
/** Microseconds that are long enough for the clock of a thread, which some systems move by whole milliseconds. */
const longEnough = 50_000;
/** No machine excuses more than this: what takes the square of its input is slower by hundreds. */
const most = 6;

/**
 * How many times slower this thread is now than the machine on which the budgets were set, from 1 to 6. Two processes that
 * share a core slow each other down in processor time too.
 */
export function slowness(): number {
  const began = process.threadCpuUsage();
  for (let runs = 1; ; runs++) {
    reference();
    const { user, system } = process.threadCpuUsage(began);
    if (user + system >= longEnough) return Math.min(most, Math.max(1, (user + system) / runs / usual));
  }
}
