import type { Target } from './campaign.ts';
import { createAnswerTargets } from './targets/answers.ts';
import { certificateTargets } from './targets/certificates.ts';
import { configTarget } from './targets/config.ts';
import { decideTargets } from './targets/decide.ts';
import { documentTargets } from './targets/documents.ts';
import { formTargets } from './targets/form.ts';
import { forwardedTargets } from './targets/forwarded.ts';
import { createHttpBytesTarget } from './targets/http-bytes.ts';
import { httpCheckTarget } from './targets/http-check.ts';
import { jwsTarget } from './targets/jws.ts';
import { readerTargets } from './targets/readers.ts';
import { wireCheckTarget } from './targets/wire-check.ts';

/** What needs nothing but this process. */
export async function createTargets(): Promise<readonly Target[]> {
  return [
    wireCheckTarget,
    ...decideTargets,
    httpCheckTarget,
    await createHttpBytesTarget(),
    jwsTarget,
    ...formTargets,
    ...forwardedTargets,
    ...certificateTargets,
    ...readerTargets,
    ...documentTargets,
    ...(await createAnswerTargets()),
    configTarget,
  ];
}
