import type { PassedOver } from './unread-headers.ts';

/**
 * The fields of `envoy.service.auth.v3.CheckRequest` that are read. Unset: a null message, an empty string.
 */
export interface CheckRequest {
  readonly attributes?: {
    readonly source?: Peer | null;
    readonly destination?: Peer | null;
    readonly request?: { readonly http?: HttpRequest | null } | null;
    readonly contextExtensions?: Readonly<Record<string, string>>;
  } | null;
}

export interface Peer {
  readonly principal?: string;
  readonly certificate?: string;
  readonly address?: {
    readonly socketAddress?: { readonly address?: string; readonly portValue?: number } | null;
  } | null;
}

export interface HttpRequest {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Not a field of the message: what is missing in `headers`, because nobody reads it. */
  readonly passedOver?: PassedOver;
  readonly body?: string;
  readonly rawBody?: Uint8Array;
  readonly headerMap?: { readonly headers?: readonly RawHeader[] } | null;
}

export interface RawHeader {
  readonly key?: string;
  readonly value?: string;
  readonly rawValue?: Uint8Array;
}

/**
 * What is sent of `envoy.service.auth.v3.CheckResponse`. Its headers and metadata are as the decision has them:
 * to build the messages around them first takes as long as to encode them.
 */
export interface CheckResponse {
  readonly status: { readonly code: number; readonly message: string };
  readonly okResponse?: {
    readonly headers: readonly ReplacingHeader[];
    readonly headersToRemove: readonly string[];
  };
  readonly deniedResponse?: {
    readonly status: { readonly code: number };
    readonly headers: readonly ReplacingHeader[];
    readonly body: string;
  };
  readonly dynamicMetadata: Metadata;
}

/** A `HeaderValueOption`: it replaces each header of this name that the request or the answer has. */
export type ReplacingHeader = readonly [name: string, value: string];

/** A `google.protobuf.Struct` of texts and lists of texts. What is undefined is left out. */
export type Metadata = Readonly<Record<string, string | readonly string[] | undefined>>;
