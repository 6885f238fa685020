import { mostEntries } from './most-entries.ts';
import { mayBeUnseen } from './options.ts';
import type { Report } from './report.ts';
import type { Settings } from './settings.ts';

/** What YAML or a terminal could read as a line end or a command. Kubernetes reads U+2028 as a line end too. */
const controls = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u;
const mostCharacters = 8_192;

/**
 * Refuses values that are too long, or that could be more than a value in a manifest. Options that never become
 * part of one may hold anything, such as the HTML of a footer. Errors name the option, never the value.
 */
export function checkValues(settings: Settings, report: Report): void {
  for (const [name, value] of settings.given) {
    if (mayBeUnseen(name)) continue;
    const texts = [value].flat().map(String);
    if (texts.length > mostEntries) report.fail(`--${name}: has more than ${mostEntries} entries`);
    if (texts.some((text) => text.length > mostCharacters))
      report.fail(`--${name}: is longer than ${mostCharacters} characters`);
    if (texts.some((text) => controls.test(text)))
      report.fail(`--${name}: has a control character or a line end: remove it`);
  }
}
