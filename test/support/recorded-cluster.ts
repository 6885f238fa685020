import { readdirSync, readFileSync } from 'node:fs';

const directory = new URL('../fixtures/kubernetes/', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, directory), 'utf8');

/** A TokenReview or a Status, as an API server answers it. */
export type Answer = Record<string, unknown>;

/** Their `iss`, and the audience that the API server has for itself. */
export const RECORDED_ISSUER = 'https://127.0.0.1:6443';
/** The audience of all but one of them. */
export const RECORDED_AUDIENCE = 'https://as.example.com';

/** The recorded tokens by file name without `.jwt`. */
export function recordedToken(name: string): string {
  return read(`${name}.jwt`).trim();
}

export const recordedKeys = JSON.parse(read('jwks.json')) as { keys: Record<string, unknown>[] };
export const forbidden = JSON.parse(read('review-forbidden.json')) as Answer;
export const garbage = JSON.parse(read('review-garbage.json')) as Answer;
export const reviewed = JSON.parse(read('review-ok.json')) as Answer;
export const reviewedPod = JSON.parse(read('review-ok-pod.json')) as Answer;

/** What a TokenReview asks for. */
export interface ReviewSpec {
  token?: string;
  audiences?: string[];
}

const keyOf = ({ token, audiences }: ReviewSpec): string => JSON.stringify([token, audiences ?? null]);

const answers = new Map(
  readdirSync(directory)
    .filter((file) => file.startsWith('review-') && file !== 'review-forbidden.json')
    .map((file) => JSON.parse(read(file)) as Answer & { spec: ReviewSpec })
    .map((answer) => [keyOf(answer.spec), answer] as const),
);

/** What the real API server answered to this very question, if it was asked. */
export function recordedReview(spec: ReviewSpec): Answer | undefined {
  return answers.get(keyOf(spec));
}
