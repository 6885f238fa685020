/** Adds an entry to a map. Returns its value, so that it stands behind `map.get(key) ??`. */
export function put<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): Value {
  map.set(key, value);
  return value;
}
