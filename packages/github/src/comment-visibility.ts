import type { Octokit } from './octokit.ts'

/** Why a comment is folded away, in GitHub's words; undefined where it is not. */
export async function minimizedReason(octokit: Octokit, nodeId: string): Promise<string | undefined> {
  const { node } = await octokit.graphql<{ node: { isMinimized: boolean; minimizedReason: string | null } | null }>(
    'query ($id: ID!) { node(id: $id) { ... on IssueComment { isMinimized minimizedReason } } }',
    { id: nodeId, request: { repeatable: true } },
  )
  return node?.isMinimized ? (node.minimizedReason ?? 'hidden').toLowerCase() : undefined
}

/** Folds a comment away as outdated. */
export async function minimize(octokit: Octokit, nodeId: string): Promise<void> {
  await octokit.graphql(
    'mutation ($id: ID!) { minimizeComment(input: { subjectId: $id, classifier: OUTDATED }) { minimizedComment { isMinimized } } }',
    { id: nodeId, request: { repeatable: true } },
  )
}

/** Shows a comment again. */
export async function unminimize(octokit: Octokit, nodeId: string): Promise<void> {
  await octokit.graphql(
    'mutation ($id: ID!) { unminimizeComment(input: { subjectId: $id }) { unminimizedComment { isMinimized } } }',
    { id: nodeId, request: { repeatable: true } },
  )
}
