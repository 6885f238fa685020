/**
 * What a check may bring, before any of it is looked at. Envoy lets 60 KiB of headers and 100 of them through unless it is
 * told otherwise, shows the path twice, and adds `x-forwarded-client-cert`, of which 64 KiB are read.
 */
export const longestHead = 131_072;
/** Twice what the HTTP door takes, in lines. */
export const mostHeaders = 512;
/** Only a token request has a body that is read, and tokens are shorter: see `limits.tokenLength`. */
export const longestBody = 65_536;
/** Of the headers together, names included, and of the target. */
export interface Head {
  readonly method: string;
  readonly host: string;
  readonly path: string;
}

/** Counts lengths, so that the worst input costs no more than an honest one; ends where it is too much. */
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

  fits(): boolean {
    return this.#length <= longestHead && this.#lines <= mostHeaders;
  }
}
