/**
 * What the runner gives a step so that it obeys the step, and credentials that are the step's and not its children's. A child that can
 * append to `GITHUB_OUTPUT` forges our outputs, and `ACTIONS_ID_TOKEN_REQUEST_TOKEN` is an identity in the user's cloud.
 */
const WITHHELD =
  /^(?:INPUT_.*|ACTIONS_.*|GITHUB_(?:OUTPUT|ENV|PATH|STATE|STEP_SUMMARY)|(?:GITHUB|GH)_(?:ENTERPRISE_)?TOKEN|LANGSMITH_API_KEY)$/i

/**
 * The environment of a process that the user configured (an agent, a scorer): the parent's without what is the step's own, then
 * `extra`, which may name withheld variables again, then `AGENT_CI=1`. It keeps honest programs apart from the runner; it is no sandbox.
 */
export function childEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  extra: Readonly<Record<string, string>>,
): Record<string, string> {
  const child: Record<string, string> = {}
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && !WITHHELD.test(name)) child[name] = value
  }
  return { ...child, ...extra, AGENT_CI: '1' }
}
