import { digestOfJson } from './json.ts'

/** What was tested, part by part; each is a digest, or a version where the part has one, or null when unknown. */
export interface Fingerprint {
  /** The commit. */
  readonly code: string | null
  readonly prompts: string | null
  /** Of the agent's configuration as this run used it. */
  readonly config: string | null
  readonly model: string | null
  readonly tools: string | null
  readonly dataset: string
  /** Scorers with their settings, the judge's model and rubric included. */
  readonly scorers: string
  /** The probes that the dataset's examples are attacked with, and how many pairs of both there are. */
  readonly attacks?: string
  /** Of the pairs and of the probes' tokens, as it was given: another one asks the same of other examples. */
  readonly attack_seed?: string
}

export const FINGERPRINT_PARTS = [
  'code',
  'prompts',
  'config',
  'model',
  'tools',
  'dataset',
  'scorers',
  'attacks',
  'attack_seed',
] as const satisfies readonly (keyof Fingerprint)[]

/** One digest of all parts. */
export const fingerprintDigest = (fingerprint: Fingerprint): string => digestOfJson({ ...fingerprint })

/** The parts in which two fingerprints differ. */
export const differingParts = (a: Fingerprint, b: Fingerprint): (keyof Fingerprint)[] =>
  FINGERPRINT_PARTS.filter((part) => a[part] !== b[part])
