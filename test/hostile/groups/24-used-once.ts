import type { Group } from '../case.ts';
import { usedOnce } from '../stories/used-once.ts';

export const group: Group = {
  number: 24,
  title: 'What holds only once',
  items: {
    'assertions of an issuer that promises a new jti for each': {
      source: 'RFC 7523 §3; CWE-294',
      stories: usedOnce,
    },
  },
};
