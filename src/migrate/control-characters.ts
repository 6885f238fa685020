import { mayBeUnseen } from './options.ts';
import type { Report } from './report.ts';
import type { Settings } from './settings.ts';

/** What YAML or a terminal could read as a line end or a command. Kubernetes reads U+2028 as a line end too. */
const controls = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u;

/**
 * Refuses values with control characters or line ends, because they become part of manifests. Options that
 * never become part of one may hold anything, such as the HTML of a footer. The error names the option, never the value.
 */
export function refuseControlCharacters(settings: Settings, report: Report): void {
  for (const [name, value] of settings.given) {
    if (mayBeUnseen(name)) continue;
    if ([value].flat().some((one) => controls.test(String(one))))
      report.fail(`--${name}: has a control character or a line end: remove it`);
  }
}
