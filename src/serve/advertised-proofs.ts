import type { Config } from '../config/schema.ts';
import type { BindingName } from '../core/binding/bind.ts';

/** Members of the document about a resource (RFC 9728 §2). */
export type Members = Readonly<Record<string, unknown>>;

/** How a document tells clients of a proof. */
interface Advertised {
  /** If some rule for the resource accepts it. */
  readonly accepted: (config: Config) => Members;
  /** Also, if all rules for the resource accept this one alone. */
  readonly required?: Members;
}

/** One row for each proof that RFC 9728 has a word for. The others are known to workloads and not to clients. */
const advertised: Readonly<Partial<Record<BindingName, Advertised>>> = {
  certificate: { accepted: () => ({ tls_client_certificate_bound_access_tokens: true }) },
  dpop: {
    accepted: ({ dpop }) => ({ dpop_signing_alg_values_supported: dpop.algorithms }),
    required: { dpop_bound_access_tokens_required: true },
  },
};

/** What clients learn of the proofs. @param accepted the names that each rule accepts */
export function describeProofs(accepted: readonly (readonly BindingName[])[], config: Config): Members {
  const names = [...new Set(accepted.flat())];
  const members = names.map((name) => {
    const isRequired = accepted.every((list) => list.every((one) => one === name));
    return { ...advertised[name]?.accepted(config), ...(isRequired && advertised[name]?.required) };
  });
  return Object.assign({}, ...members);
}
