/** The version of agent-ci: that of the repository's package.json. */
export const AGENT_CI_VERSION = '0.1.0'
