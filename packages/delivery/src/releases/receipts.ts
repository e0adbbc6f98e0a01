import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { ConfigurationError, messageOf, type Problem } from '@agent-ci/core/errors'
import type { JsonObject } from '@agent-ci/core/json'
import { promptDigests } from '@agent-ci/core/prompt-files'
import { type Receipt, receiptDigest, receiptSchema } from '@agent-ci/core/receipt'
import {
  type Acceptable,
  type Deployed,
  type ReceiptDifference,
  type ReceiptPart,
  receiptDifferences,
} from '@agent-ci/core/receipt-difference'
import type { Release } from '@agent-ci/core/release'
import { forLog } from '@agent-ci/core/untrusted'
import { readBounded } from './bounded-file.ts'
import type { ReleasedPrompt } from './inputs.ts'

/** A receipt of 40,000 prompt files is smaller. */
const MOST_BYTES = 8 << 20

function refuse(path: string, why: string, mend: string): never {
  throw new ConfigurationError({ what: `receipt is ${JSON.stringify(path)}`, why, mend })
}

const DOWNLOAD = "Write the path of a receipt.json, or of the directory that eval-gate's artifact was downloaded to"
const AGAIN = 'Take the receipt.json that eval-gate wrote, unchanged, from a version of agent-ci that this one can read'

async function receiptFile(path: string, cwd: string): Promise<string> {
  const file = resolve(cwd, path)
  try {
    return (await stat(file)).isDirectory() ? join(file, 'receipt.json') : file
  } catch (error) {
    return refuse(path, `It cannot be read: ${messageOf(error)}`, DOWNLOAD)
  }
}

/** undefined where it is nested so deep that the stack does not hold it. */
function digestOfAll(value: JsonObject): string | undefined {
  try {
    return receiptDigest(value)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/**
 * Reads a receipt from its file, or from a directory that holds it. What it says is data of another run: checked by schema and by its
 * own digest, and nothing in it is followed.
 *
 * @param path relative to `cwd`
 * @throws {ConfigurationError} for what is no receipt, is damaged or was edited
 */
export async function readReceipt(path: string, cwd: string): Promise<Receipt> {
  const text = await readBounded(await receiptFile(path, cwd), MOST_BYTES, (why) => refuse(path, why, DOWNLOAD))
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return refuse(path, `It is not JSON: ${forLog(messageOf(error), 200)}`, AGAIN)
  }
  const version = (value as { schema_version?: unknown } | null)?.schema_version
  if (typeof version === 'number' && version !== 1) {
    return refuse(path, `It has schema_version ${version}, and this version of agent-ci reads 1`, AGAIN)
  }
  const { data, error } = receiptSchema.safeParse(value)
  if (!data) {
    const [issue] = error.issues
    const place = forLog(issue?.path.map(String).join('.') ?? '', 200)
    return refuse(path, `It is no receipt: ${place || 'the file'}: ${forLog(issue?.message ?? '', 200)}`, AGAIN)
  }
  if (digestOfAll(value as JsonObject) !== data.digest) {
    return refuse(path, 'Its digest is not that of its content: it was damaged or edited', AGAIN)
  }
  return data
}

/** What of a release is compared with a receipt. */
type Proven = Pick<Release, 'agent_config' | 'images' | 'model'>

/**
 * A release in the terms of a receipt.
 *
 * @param prompts the prompts that travel, with the files that they travel in
 * @param code the commit that is deployed and its git tree; null where they are unknown
 */
export function deployedParts(
  release: Proven,
  prompts: readonly Pick<ReleasedPrompt, 'files'>[],
  code: Deployed['code'],
): Deployed {
  return {
    code,
    images: Object.values(release.images),
    config: release.agent_config?.digest ?? null,
    prompts: promptDigests(prompts.flatMap(({ files }) => files)),
    // Of what says the model, the agent's configuration counts first.
    model: release.model && { id: release.model.primary, inConfig: release.agent_config !== null },
  }
}

export interface ReceiptCheck {
  readonly now: Date
  /** Milliseconds; undefined: there is no limit. */
  readonly maxAgeMs?: number
  /** `require-receipt`: a release without its proof is refused. Else what is wrong with a receipt is only told. */
  readonly require: boolean
  readonly accepts: readonly Acceptable[]
}

export interface ReceiptFindings {
  /** Each refuses the release. */
  readonly problems: readonly Problem[]
  readonly warnings: readonly Problem[]
}

const EVALUATE = 'Run eval-gate on what is deployed, and give its receipt'

const MENDS: Readonly<Record<ReceiptPart, Readonly<Record<ReceiptDifference['kind'], string>>>> = {
  code: {
    different: 'Deploy the commit that was evaluated, or run eval-gate on this one, with everything committed',
    unknown: 'Check out the repository with actions/checkout in both jobs, so that git tells the commit',
  },
  config: {
    different: 'Give eval-gate the same file as agent-config, and evaluate again',
    unknown: 'Give eval-gate the agent-config that is deployed, for example agent-config: config/production.yaml',
  },
  prompts: {
    different: 'Give eval-gate and canary-deploy the same prompts, and evaluate again',
    unknown: 'Give eval-gate the prompts that are deployed',
  },
  model: {
    different: 'Deploy the model that was evaluated, or evaluate again with model set to the one that is deployed',
    unknown:
      'Give eval-gate the model, or the agent-config that names it; where another name stands for the same model, write receipt-accepts: alias',
  },
  verdict: {
    different:
      'Deploy what passes. An inconclusive evaluation that its step let pass is taken with receipt-accepts: inconclusive',
    unknown: EVALUATE,
  },
  evidence: {
    different: 'Evaluate with responses: live, or take recordings as proof with receipt-accepts: replayed',
    unknown: EVALUATE,
  },
  age: { different: 'Run eval-gate again', unknown: EVALUATE },
}

const asProblem = ({ part, kind, sentence }: ReceiptDifference): Problem => ({
  what: `receipt: ${part}: ${sentence}`,
  why:
    kind === 'unknown'
      ? 'What is not known to have been evaluated counts as not evaluated'
      : 'Only what was evaluated, and passed, is deployed with this receipt',
  mend: MENDS[part][kind],
})

/** What a reader of a sound receipt should know all the same. */
function reservations({ evaluated, evidence, counts, dataset }: Receipt): Problem[] {
  const list: Problem[] = []
  if (evaluated.agent.elsewhere) {
    list.push({
      what: `receipt: the agent was called at ${forLog(evaluated.agent.description, 200)}`,
      why: 'That it ran the commit, the configuration and the prompts of the receipt is assumed',
      mend: 'Evaluate an agent that the job starts from its checkout, or from the image that is deployed',
    })
  }
  if (evidence === 'mixed') {
    list.push({
      what: `receipt: ${counts.replayed} of ${counts.measured} answers came from recordings`,
      why: 'They show what models answered when they were recorded',
      mend: 'Evaluate with responses: live where that matters',
    })
  }
  if (dataset.evaluated < dataset.examples) {
    list.push({
      what: `receipt: ${dataset.evaluated} of the ${dataset.examples} examples of ${forLog(dataset.name, 100)} were evaluated`,
      why: 'The verdict is of a sample',
      mend: 'Evaluate the whole dataset where that matters',
    })
  }
  return list
}

/**
 * Whether a receipt proves a release. With `require`, every part that differs or is unknown is a problem, and so is a missing receipt;
 * without it they are warnings.
 */
export function checkReceipt(receipt: Receipt | undefined, deployed: Deployed, check: ReceiptCheck): ReceiptFindings {
  if (receipt === undefined) {
    if (!check.require) return { problems: [], warnings: [] }
    const why = 'require-receipt is true, and without one nothing shows that this release was evaluated'
    const mend = "Write receipt: with the path of eval-gate's receipt.json, or require-receipt: false"
    return { problems: [{ what: 'There is no receipt', why, mend }], warnings: [] }
  }
  const rules = {
    nowMs: check.now.getTime(),
    accepts: check.accepts,
    ...(check.maxAgeMs !== undefined && { maxAgeMs: check.maxAgeMs }),
  }
  const found = receiptDifferences(receipt, deployed, rules).map(asProblem)
  const told = reservations(receipt)
  return check.require ? { problems: found, warnings: told } : { problems: [], warnings: [...found, ...told] }
}
