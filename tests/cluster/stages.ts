import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What becomes of a pod; the files of tests/cluster/stages hold what kwok does for each. */
export type Stage =
  | 'ready'
  | 'slow-start'
  | 'never-ready'
  | 'ready-then-failing'
  | 'err-image-pull'
  | 'image-pull-back-off'
  | 'invalid-image-name'
  | 'create-container-config-error'
  | 'crash-loop-back-off'
  | 'oom-killed'

/** The label of a pod template whose pods shall go through `stage`; so do those whose image has the stage's name as its tag. */
export const stageLabel = (stage: Stage): Record<string, string> => ({ 'cluster-test/stage': stage })

/** Annotations of a pod template, as durations like `1500ms` and `5s`. */
export interface Delays {
  /** After how long a slow start is ready, or a ready pod fails. */
  readonly delay?: string
  /** How long a pod that is deleted takes to end. */
  readonly stopDelay?: string
}

/** The annotations of a pod template whose pods take this time. */
export function delayAnnotations({ delay, stopDelay }: Delays): Record<string, string> {
  return {
    ...(delay && { 'cluster-test/delay': delay }),
    ...(stopDelay && { 'cluster-test/stop-delay': stopDelay }),
  }
}

/** kwok's whole configuration: the stages of nodes and pods. */
export function readStages(): string {
  const directory = join(import.meta.dirname, 'stages')
  const files = readdirSync(directory).sort()
  return files.map((file) => readFileSync(join(directory, file), 'utf8')).join('---\n')
}
