import { INPUTS } from '@agent-ci/action-pr-comment/interface'
import { main } from '@agent-ci/action-pr-comment/main'
import type { Command } from '../command.ts'

/** `agent-ci comment`: the job of pr-comment; the token may come from GITHUB_TOKEN. */
export const commentCommand: Command = {
  options: INPUTS,
  flags: { 'include-transcripts': { alone: 'true', words: ['true', 'false'] } },
  run: (host) =>
    main({
      ...host,
      input: (name) => host.input(name) || (name === 'github-token' ? (host.env.GITHUB_TOKEN ?? '') : ''),
    }),
}
