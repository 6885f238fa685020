import test from 'ava';
import { findProgram, type ProgramName, programUnavailableReason } from './debian-binary.ts';

/** Whether there is such a server to test with. With `CI=true` its absence is an error and no skip. */
export async function hasProgram(name: ProgramName): Promise<boolean> {
  if (await findProgram(name)) return true;
  console.warn(`SKIPPED: no ${name} on this machine: ${await programUnavailableReason(name)}`);
  return false;
}

/** A test that needs one of these servers; to be asked for before any test is declared. */
export async function programTest(name: ProgramName): Promise<typeof test.serial | typeof test.serial.skip> {
  return (await hasProgram(name)) ? test.serial : test.serial.skip;
}
