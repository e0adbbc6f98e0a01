import { suggestName } from '@agent-ci/core/nearest'
import type { Assertion } from './assertion.ts'
import { type Check, type CheckDeps, type MakeCheck, Malformed } from './finding.ts'
import { FAMILIES, notJudged } from './types.ts'

type Checks = Readonly<Record<string, MakeCheck>>

/** Each family is loaded when an assertion needs it. */
const LOADERS: Readonly<Record<string, () => Promise<Checks>>> = {
  text: async () => (await import('./text.ts')).textChecks,
  refusal: async () => ({ 'is-refusal': (await import('./refusal.ts')).isRefusalCheck }),
  json: async () => (await import('./json.ts')).jsonChecks,
  html: async () => (await import('./markup-html.ts')).htmlChecks,
  xml: async () => (await import('./markup-xml.ts')).xmlChecks,
  sql: async () => (await import('./sql.ts')).sqlChecks,
  metrics: async () => (await import('./metrics.ts')).metricChecks,
  meteor: async () => ({ meteor: (await import('./meteor.ts')).meteorCheck }),
  script: async () => (await import('./script.ts')).scriptChecks,
  webhook: async () => ({ webhook: (await import('./webhook.ts')).webhookCheck }),
  usage: async () => (await import('./usage.ts')).usageChecks,
  calls: async () => (await import('./calls.ts')).callChecks,
  trajectory: async () => (await import('./trajectory.ts')).trajectoryChecks,
  graded: async () => (await import('./graded.ts')).gradedChecks,
}

/** Makes an assertion's check. @throws Malformed for a type that is not judged, and for a wrong assertion */
export async function makeCheck(assertion: Assertion, deps: CheckDeps): Promise<Check> {
  const { base, type } = assertion
  const refused = notJudged(base)
  if (refused) throw new Malformed(`${type} is not judged by agent-ci. ${refused.why}`, refused.mend)
  const family = Object.hasOwn(FAMILIES, base) ? FAMILIES[base] : undefined
  if (family === undefined)
    throw new Malformed(`There is no assertion of the type ${type}`, suggestName(base, Object.keys(FAMILIES)))
  return (await LOADERS[family]!())[base]!(assertion, deps)
}
