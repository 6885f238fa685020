/** A value that is here, or a promise of it if something has to be waited for. */
export type Soon<T> = T | Promise<T>;

/** Goes on with a value. At once if it is here: a promise would cost more than the step itself. */
export function whenHere<T, R>(value: Soon<T>, next: (value: T) => Soon<R>): Soon<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/**
 * Makes an answer of what a step gives, or of its error. A step that ends at once is answered at once.
 * @param failed must not throw
 * @returns an answer, or a promise of one. It never throws, and the promise never rejects.
 */
export function alwaysAnswered<T, R>(
  step: () => Soon<T>,
  answer: (value: T) => R,
  failed: (error: unknown) => R,
): Soon<R> {
  try {
    const value = step();
    return value instanceof Promise ? value.then(answer).catch(failed) : answer(value);
  } catch (error) {
    return failed(error);
  }
}
