import type { Problem } from '../errors.ts'
import type { Json } from '../json.ts'
import type { Blessing } from './blessing.ts'
import type { KeptFinding } from './kept-finding.ts'
import type { Night } from './night.ts'
import type { Quarantine } from './quarantine.ts'

/** All that is remembered from night to night. */
export interface Remembered {
  /** Both arms, oldest first. */
  readonly nights: readonly Night[]
  readonly blessings: readonly Blessing[]
  readonly quarantine: Quarantine
  /** What earlier nights found, in the order in which it was written. */
  readonly findings: readonly KeptFinding[]
  /** The open incidents as they were kept (`incidentsSchema` of notify reads them); undefined where none were. */
  readonly incidents: Json | undefined
  /** Lines that could not be read, by file and line. They are kept where they are and count for nothing. */
  readonly problems: readonly Problem[]
}

/** What is added in one step. Lines that are there already are not added twice. */
export interface Addition {
  readonly nights?: readonly Night[]
  readonly blessings?: readonly Blessing[]
  readonly findings?: readonly KeptFinding[]
  /** Takes the state as it is when it is written, which a writer in between may have changed; called again where one did. */
  readonly quarantine?: (current: Quarantine) => Quarantine
  readonly incidents?: (current: Json | undefined) => Json
}

export interface Pruned {
  /** Files of nights that were removed. */
  readonly files: readonly string[]
}

/** Where nights are remembered: a directory, or a branch. */
export interface History {
  /** For people: `branch agent-ci-data of acme/support`. */
  readonly place: string
  readonly read: () => Promise<Remembered>
  /**
   * On a branch all of it is written, or nothing.
   * @param why the step in a few words: the commit's message
   * @returns documents that cannot be read, and are therefore left as they are
   */
  readonly append: (addition: Addition, why: string) => Promise<readonly Problem[]>
  /** Removes the files whose nights are all before `night`, but never one that holds a night of a pinned baseline. */
  readonly prune: (night: string) => Promise<Pruned>
}
