/**
 * The few functions of the Reflect metadata proposal that `@peculiar/x509` (through tsyringe) asks for at import time.
 * A whole polyfill package for four functions would be one more dependency. Import this file before `@peculiar/x509`.
 */
type Key = string | symbol;
type Metadata = Map<Key | undefined, Map<unknown, unknown>>;

const store = new WeakMap<object, Metadata>();

function own(target: object, property: Key | undefined): Map<unknown, unknown> | undefined {
  return store.get(target)?.get(property);
}

function defineMetadata(key: unknown, value: unknown, target: object, property?: Key): void {
  const metadata: Metadata = store.get(target) ?? new Map();
  store.set(target, metadata);
  const entries = metadata.get(property) ?? new Map<unknown, unknown>();
  metadata.set(property, entries);
  entries.set(key, value);
}

function getOwnMetadata(key: unknown, target: object, property?: Key): unknown {
  return own(target, property)?.get(key);
}

function getMetadata(key: unknown, target: object, property?: Key): unknown {
  for (let at: object | null = target; at !== null; at = Reflect.getPrototypeOf(at)) {
    const entries = own(at, property);
    if (entries?.has(key)) return entries.get(key);
  }
  return undefined;
}

function metadata(key: unknown, value: unknown) {
  return (target: object, property?: Key): void => defineMetadata(key, value, target, property);
}

// A real polyfill that is already there wins.
if (!('getMetadata' in Reflect)) {
  Object.assign(Reflect, { defineMetadata, getMetadata, getOwnMetadata, metadata });
}
