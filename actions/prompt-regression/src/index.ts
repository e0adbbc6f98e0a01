import { uploadArtifact } from '@agent-ci/github/artifact'
import { runAction } from '@agent-ci/github/run-action'
import { OUTPUTS } from './interface.ts'
import { main } from './main.ts'

await runAction(Object.keys(OUTPUTS), main, uploadArtifact)
