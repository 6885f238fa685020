import type { WeaknessName } from '../config/weakness.ts';
import type { Found, Subject } from './finding.ts';

/** Finds what the loading of the configuration has said. */
export function weaknesses(name: WeaknessName): (subject: Subject) => readonly Found[] {
  return (subject) =>
    subject.weaknesses
      .filter(({ check }) => check === name)
      .map(({ path, subject: about, message }) => ({
        path,
        message: about.startsWith('rule') ? `${about}: ${message}` : message,
      }));
}
