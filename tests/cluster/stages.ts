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

/** The label of a pod template whose pods shall go through `stage`. */
export const stageLabel = (stage: Stage): Record<string, string> => ({ 'cluster-test/stage': stage })

/** The annotation of a pod template that says after how long a slow start is ready, or a ready pod fails: `1500ms`, `5s`. */
export const stageDelay = (delay: string): Record<string, string> => ({ 'cluster-test/delay': delay })

/** kwok's whole configuration: the stages of nodes and pods. */
export function readStages(): string {
  const directory = join(import.meta.dirname, 'stages')
  const files = readdirSync(directory).sort()
  return files.map((file) => readFileSync(join(directory, file), 'utf8')).join('---\n')
}
