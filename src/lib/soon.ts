/** A value that is here, or a promise of it if something has to be waited for. */
export type Soon<T> = T | Promise<T>;

/** Goes on with a value. At once if it is here: a promise would cost more than the step itself. */
export function whenHere<T, R>(value: Soon<T>, next: (value: T) => Soon<R>): Soon<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}
