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

/** The fields of `envoy.service.auth.v3.CheckResponse` that are sent. */
export interface CheckResponse {
  readonly status: { readonly code: number; readonly message: string };
  readonly okResponse?: {
    readonly headers: readonly HeaderValueOption[];
    readonly headersToRemove: readonly string[];
  };
  readonly deniedResponse?: {
    readonly status: { readonly code: number };
    readonly headers: readonly HeaderValueOption[];
    readonly body: string;
  };
  readonly dynamicMetadata: Struct;
}

export interface HeaderValueOption {
  readonly header: { readonly key: string; readonly value: string };
  readonly append: { readonly value: boolean };
  readonly appendAction: 'OVERWRITE_IF_EXISTS_OR_ADD';
}

/** `google.protobuf.Struct`. */
export interface Struct {
  readonly fields: Readonly<Record<string, StructValue>>;
}
export type StructValue =
  | { readonly stringValue: string }
  | { readonly listValue: { readonly values: readonly StructValue[] } };
