/** What the job's token needs, as a workflow's `permissions` say it. */
export const PERMISSION = 'pull-requests: write'
