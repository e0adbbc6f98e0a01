import type { Example } from '@agent-ci/core/example'

/** An example as our files have it; what is as it would be without being written is left out. */
export function fileExample({ source: _, expectedTools, tags, critical, id, input, ...rest }: Example): object {
  return {
    id,
    input,
    ...(rest.expected !== undefined && { expected: rest.expected }),
    ...(expectedTools && { expected_tools: expectedTools.map((tool) => (tool.args === undefined ? tool.name : tool)) }),
    ...(tags.length > 0 && { tags }),
    ...(critical && { critical }),
    ...rest,
  }
}
