/**
 * The most that a check may bring, before any of it is read. Envoy allows 60 KiB of headers and 100 headers
 * by default. It sends the path twice, and adds `x-forwarded-client-cert`, of which 64 KiB are read.
 */
export const longestHead = 131_072;
/** Twice the number that the HTTP door accepts. */
export const mostHeaders = 512;
/** Only the body of a token request is read, and tokens are shorter: see `limits.tokenLength`. */
export const longestBody = 65_536;
/** The parts of a request that count toward its size, beside the headers with their names. */
export interface Head {
  readonly method: string;
  readonly host: string;
  readonly path: string;
}

/** Adds up lengths, so the worst input costs no more than a normal one. Stops when the limit is exceeded. */
export class HeadSize {
  #length: number;
  #lines = 0;

  constructor({ method, host, path }: Head) {
    this.#length = method.length + host.length + path.length;
  }

  /** @returns whether there is still room */
  add(name: string, value: { readonly length: number }): boolean {
    this.#lines++;
    this.#length += name.length + value.length;
    return this.fits();
  }

  /** Adds headers that were only measured. */
  addLines({ lines, length }: { readonly lines: number; readonly length: number }): void {
    this.#lines += lines;
    this.#length += length;
  }

  fits(): boolean {
    return this.#length <= longestHead && this.#lines <= mostHeaders;
  }
}
