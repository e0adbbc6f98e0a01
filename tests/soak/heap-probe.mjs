// Loaded before a bundle (`node --import`): tells now and then what its heap holds after a full collection, and at the end what still kept the
// process alive. The name of its variable begins with NODE_, because llm-gateway hands on no others.
import { appendFileSync, writeFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')
const path = `${process.env.NODE_SOAK_PROBE}.${process.pid}`
const startedAt = performance.now()
const tell = (line) => appendFileSync(path, `${JSON.stringify(line)}\n`)
writeFileSync(path, '')
const timer = setInterval(() => {
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  tell({ seconds: (performance.now() - startedAt) / 1_000, heap: (heapUsed + arrayBuffers) / 2 ** 20 })
}, Number(process.env.NODE_SOAK_PROBE_SECONDS) * 1_000)
timer.unref()
process.once('beforeExit', () => tell({ held: process.getActiveResourcesInfo() }))
