/** The inputs of pr-comment, which are the options of `agent-ci comment` too. `action.yml` and the README are made from this. */
export const INPUTS = {
  results:
    'Globs of result files: results.json of eval-gate, prompt-regression and nightly-eval, timeline.json of canary-deploy; a folder means all in it, `!` excludes (default agent-ci-results)',
  artifact:
    'Name or glob of the artifacts to take result files from, of the run that is reported: the one that `workflow_run` names, else this one (permission actions: read)',
  'comment-id': 'Actions and jobs with the same one share a comment (default agent-ci)',
  section:
    'Name of this part of the comment; the next run with it replaces it (default: workflow, job and matrix values)',
  mode: 'How it is written: `update` keeps one comment, `recreate` moves it to the end in each run, `always-new` adds one a run and folds the older, `off` writes none (default update)',
  'pr-number':
    'The pull request, where the event does not say which (default: from the event, else that of the commit)',
  'include-transcripts': 'Show answers of the agent and error messages too (default false)',
  'artifact-id': 'The artifact to link to, as eval-gate puts it out (default: the artifacts of the run)',
  'github-token': "Token for GitHub's API, with pull-requests: write (default: that of the job)",
  'job-context': 'The matrix values that tell the legs of a job apart; leave it alone',
} as const

export type InputName = keyof typeof INPUTS

/** Expressions that the runner fills in; a terminal leaves them empty. */
export const DEFAULTS = {
  'github-token': 'github.token',
  'job-context': 'toJSON(matrix)',
} as const satisfies Partial<Record<InputName, string>>

export const OUTPUTS = {
  'comment-id': 'The id of the comment that was written; empty where there is none',
  'comment-url': 'Its page',
  'body-path': 'A file with the comment as it was, or would have been, written',
} as const

export type OutputName = keyof typeof OUTPUTS
