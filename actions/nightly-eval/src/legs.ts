import { ConfigurationError } from '@agent-ci/core/errors'
import { digestOf } from '@agent-ci/core/json'
import { suggestName } from '@agent-ci/core/nearest'

/** One evaluation of the night: a dataset under a model and a set of prompts. */
export interface Leg {
  /** Unique among the legs; a name for a directory, an artifact and a job. */
  readonly id: string
  readonly dataset: string
  /** null: the agent chooses it. */
  readonly model: string | null
  /** The name of a set of prompts; null: those of the workspace, there being no others. */
  readonly prompts: string | null
}

/** What the night is made of, each list in its order. */
export interface Matrix {
  readonly datasets: readonly string[]
  readonly models: readonly (string | null)[]
  readonly prompts: readonly (string | null)[]
}

/** A name that the file system, artifacts and jobs take; what had to be changed for it is told apart by a digest. */
function idOf(leg: Omit<Leg, 'id'>): string {
  const parts = [leg.dataset, leg.model, leg.prompts].filter((part) => part !== null)
  const safe = parts.map((part) => part.replaceAll(/[^\w.-]+/g, '-').replace(/^\.+/, '')).join('__')
  if (safe.length <= 100 && parts.join('__') === safe && !parts.some((part) => part.includes('__'))) return safe
  return `${safe.slice(0, 100)}-${digestOf(Buffer.from(JSON.stringify(parts))).slice('sha256:'.length, 'sha256:'.length + 8)}`
}

/** Every dataset with every model with every set of prompts. */
export const legsOf = ({ datasets, models, prompts }: Matrix): Leg[] =>
  datasets.flatMap((dataset) =>
    models.flatMap((model) =>
      prompts.map((set): Leg => {
        const leg = { dataset, model, prompts: set }
        return { id: idOf(leg), ...leg }
      }),
    ),
  )

/** The legs with these ids. @throws ConfigurationError naming every id that is none */
export function chooseLegs(legs: readonly Leg[], ids: readonly string[]): Leg[] {
  const known = legs.map(({ id }) => id)
  const strange = ids.filter((id) => !known.includes(id))
  if (strange.length > 0)
    throw new ConfigurationError(
      strange.map((id) => ({
        what: `legs names ${JSON.stringify(id)}`,
        why: 'There is no such leg in the matrix of datasets, models and prompts',
        mend: suggestName(id, known),
      })),
    )
  return legs.filter(({ id }) => ids.includes(id))
}
