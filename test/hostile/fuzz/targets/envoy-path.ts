import assert from 'node:assert/strict';
import fc from 'fast-check';
import { normalizePath } from '../../../../src/core/policy/path.ts';
import { Malformed } from '../../../../src/lib/malformed.ts';
import { startApp } from '../../../support/app.ts';
import { openClient } from '../../../support/client.ts';
import { startEnvoy } from '../../../support/envoy.ts';
import { type Target, target } from '../campaign.ts';
import { pathTexts } from '../path-texts.ts';

/** What Node's client sends as it is; the rest never leaves it, and so never comes to an Envoy from it either. */
const sendable = /^[!-~]*$/;
const longest = 4_000;

/**
 * A real Envoy as a sidecar of Istio has it (normalize_path on, merge_slashes off), before an application that says which
 * path it was asked for.
 */
export async function createEnvoyPathTarget(): Promise<Target> {
  const cleanups: (() => unknown)[] = [];
  const stop = async (): Promise<void> => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  };
  try {
    const app = await startApp();
    cleanups.push(app.stop);
    const envoy = await startEnvoy({ listeners: [{ name: 'sidecar', upstream: { port: app.port } }] });
    cleanups.push(envoy.stop);
    const client = openClient({ port: envoy.port('sidecar') }, 2);
    cleanups.push(client.close);

    /** A path that we accept is the same path to Envoy and to the application behind it. */
    const readAlike = async (path: string): Promise<string> => {
      if (!sendable.test(path) || path.length > longest) return 'cannot be sent';
      const answer = await client.request({ path });
      const ours = normalizePath(path);
      const refused = ours instanceof Malformed;
      if (answer.status !== 200) {
        assert.ok(answer.status === 400, `Envoy answers ${answer.status}`);
        return refused ? 'refused by both' : 'refused by Envoy alone';
      }
      const behind: string = answer.json().path;
      const theirs = normalizePath(behind);
      // What Envoy hands on is what its filter shows us: it is judged in this form.
      if (theirs instanceof Malformed) {
        assert.ok(refused, `accepted, and Envoy makes ${behind} of it`);
        return 'refused by us alone';
      }
      if (refused) return 'repaired by Envoy';
      assert.equal(ours.text, theirs.text, `Envoy makes ${behind} of it`);
      assert.equal(
        decodeURIComponent(behind.split('?', 1)[0] ?? ''),
        decodeURIComponent(path.split('?', 1)[0] ?? ''),
      );
      return 'read alike';
    };

    return target<string>({
      name: 'path-envoy',
      inputs: fc.oneof(
        pathTexts,
        pathTexts.map((text) => text.replace(/[;#\\ "|^[]/g, '')),
      ),
      hold: readAlike,
      reaches: ['read alike', 'refused by both', 'refused by us alone', 'repaired by Envoy'],
      // A request each, through another process.
      within: 1_000,
      stop,
    });
  } catch (error) {
    await stop();
    throw error;
  }
}
