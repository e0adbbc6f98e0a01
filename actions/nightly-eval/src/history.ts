import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { History } from '@agent-ci/core/nightly/history'
import { nightSchema } from '@agent-ci/core/nightly/night'
import { NO_QUARANTINE } from '@agent-ci/core/nightly/quarantine'
import type { NightlySettings } from './settings.ts'

export function openHistory({ history }: Pick<NightlySettings, 'history'>): History {
  const dir = history.kind === 'dir' ? history.path : 'x'
  const file = join(dir, 'nights.jsonl')
  const inc = join(dir, 'incidents.json')
  const inco = () => (existsSync(inc) ? JSON.parse(readFileSync(inc, 'utf8')) : undefined)
  return {
    place: dir,
    read: async () => ({
      nights: existsSync(file)
        ? readFileSync(file, 'utf8')
            .trim()
            .split('\n')
            .map((l) => nightSchema.parse(JSON.parse(l)))
        : [],
      blessings: [],
      quarantine: NO_QUARANTINE,
      incidents: inco(),
      problems: [],
    }),
    append: async ({ nights = [], incidents }) => {
      mkdirSync(dir, { recursive: true })
      for (const n of nights) appendFileSync(file, `${JSON.stringify(n)}\n`)
      if (incidents) writeFileSync(inc, JSON.stringify(incidents(inco())))
    },
    prune: async () => ({ files: [] }),
  }
}
