import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { type Overlay, valuesOf } from '../../tools/chart/overlays.ts';
import type { Values } from './chart.ts';

/** The values that a Kustomize overlay is made of. */
export function valuesFor(overlay: Overlay): Values {
  return parse(readFileSync(valuesOf(overlay), 'utf8'));
}

export const asIstio: Values = valuesFor('istio');
