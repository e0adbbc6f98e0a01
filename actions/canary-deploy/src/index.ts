import { randomUUID } from 'node:crypto'
import { runAction } from '@agent-ci/github/run-action'
import { OUTPUTS } from './interface.ts'
import { main } from './main.ts'

await runAction(Object.keys(OUTPUTS), (host) => main(host, randomUUID().slice(0, 8)))
