import { classOf, type Sources } from './sources.ts'
import { saysSomething, Wordings } from './wording.ts'

/** A kind of error that is nobody's mistake, and what it may say. */
export interface Trouble {
  readonly title: string
  readonly cause: string
  readonly cure: string
  readonly texts: readonly string[]
  readonly files: readonly string[]
}

/** `at`: which argument of the constructor is the message; `super` where the class itself words it. */
const KINDS: readonly (Omit<Trouble, 'texts' | 'files'> & { readonly of: string; readonly at: number | 'super' })[] = [
  {
    of: 'OutsideError',
    at: 0,
    title: 'Credentials and histories',
    cause:
      'What fetches the credentials of the cluster failed, or GitHub did not keep or give the history of the nights.',
    cure: 'Run the command that the kubeconfig names by hand, in the same job; for a history, do what the message says, or run again.',
  },
  {
    of: 'ApiError',
    at: 'super',
    title: 'The API server refuses',
    cause: 'The cluster answered, and its own words follow.',
    cure: '403: give the identity the right (docs/rbac.md). 409 and 5xx: run again. Others: mend what the message names.',
  },
  {
    of: 'NoAnswerError',
    at: 'super',
    title: 'The API server does not answer',
    cause: 'The network, or the control plane, is away; whether a write happened is not known.',
    cure: 'Run again: the journal in the cluster says how far it came.',
  },
  {
    of: 'PrometheusError',
    at: 1,
    title: 'Prometheus',
    cause: 'No measurement came of it; a step without measurements does not pass.',
    cure: 'Ask the same query by hand at prometheus-url, from where the job runs.',
  },
  {
    of: 'JournalLostError',
    at: 'super',
    title: 'The lock of a rollout',
    cause: 'Another run took the rollout over, since the lock of this one had run out.',
    cure: 'See the log of the run that is named; this one needs nothing.',
  },
  {
    of: 'CancelledError',
    at: 'super',
    title: 'A cancelled job',
    cause: 'Somebody, or a newer run of the same concurrency group, cancelled it.',
    cure: 'The next run, or `operation: sweep`, takes back what was half done.',
  },
  {
    of: 'Refusal',
    at: 1,
    title: 'A call that the gateway refuses',
    cause:
      'The agent gets it as the error of its model call, in the form of its provider; the trial is lost, not failed.',
    cure: 'Do what the message says; a call without a recording wants `responses: auto`.',
  },
  {
    of: 'EmbeddingsError',
    at: 0,
    title: 'Embeddings',
    cause: 'The model or the endpoint that embeds texts failed; the trials are unscored.',
    cure: 'Run again; an endpoint that refuses each time wants another key, model or `batch`.',
  },
  {
    of: 'GitError',
    at: 'super',
    title: 'git',
    cause: 'A command of git failed, and its own words follow.',
    cure: 'Run it by hand in the clone; most want `fetch-depth: 0` in actions/checkout.',
  },
]

/** What each kind of trouble may say, wherever it is thrown. */
export function troublesOf(sources: Sources): Trouble[] {
  return KINDS.map(({ of, at, ...kind }) => {
    const found = [...sources.files.values()].flatMap((file) =>
      file.nodes.flatMap((node) => {
        const said =
          at === 'super'
            ? node.type === 'CallExpression' && node.callee.type === 'Super' && classOf(node) === of
              ? node.arguments[0]
              : undefined
            : node.type === 'NewExpression' && node.callee.type === 'Identifier' && node.callee.name === of
              ? node.arguments[at]
              : undefined
        const texts = said ? new Wordings(sources).read(said, file, new Map()).map(({ text }) => text) : []
        return texts.filter(saysSomething).map((text) => ({ text, file: file.path }))
      }),
    )
    if (found.length === 0) throw new Error(`${of} says nothing: tools/messages/troubles.ts names it`)
    return {
      ...kind,
      texts: [...new Set(found.map(({ text }) => text))],
      files: [...new Set(found.map(({ file }) => file))],
    }
  })
}
