import { byId } from './elements.js';
import { fillRows } from './table.js';
import { duration, since } from './words.js';

export function showIssuers({ issuers, now }) {
  const rows = issuers.map((issuer) => [
    issuer.iss === '' ? issuer.name : `${issuer.name} (${issuer.iss})`,
    stateOf(issuer, now),
    keyAgeOf(issuer),
    issuer.failure ?? '-',
  ]);
  fillRows(byId('issuers-rows'), rows, 'The configuration has no issuer.');
}

function stateOf({ isUp, downSince }, now) {
  if (isUp) return { text: 'Up', kind: 'good' };
  return { text: downSince === undefined ? 'Down' : `Down since ${since(downSince, now)}`, kind: 'bad' };
}

function keyAgeOf({ isAsked, keyAge, maxKeyAge }) {
  if (isAsked) return 'It is asked about each token';
  if (keyAge === undefined) return 'No keys yet';
  return maxKeyAge === undefined ? duration(keyAge) : `${duration(keyAge)} of ${duration(maxKeyAge)}`;
}

export function showBundles({ bundles }) {
  byId('bundles').hidden = bundles.length === 0;
  const rows = bundles.map(({ trustDomain, authorities, age, failure }) => [
    trustDomain,
    { text: String(authorities), kind: 'number' },
    age === undefined ? 'Never read' : duration(age),
    failure ?? '-',
  ]);
  fillRows(byId('bundles-rows'), rows, 'No bundle is configured.');
}
