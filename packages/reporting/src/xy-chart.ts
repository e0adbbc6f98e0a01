/** Told apart by the colour-blind too (Okabe and Ito): blue, orange, and a grey for a limit or a baseline. */
export const [BLUE, ORANGE, GREY] = ['#0072b2', '#d55e00', '#888888'] as const

const digits = (value: number): string => String(Number(value.toFixed(3)))

export interface Axis {
  readonly title: string
  readonly from: number
  readonly to: number
}

export interface XyChart {
  readonly title: string
  readonly x: Axis
  readonly y: Axis
  readonly lines: readonly { readonly colour: string; readonly values: readonly number[] }[]
}

/**
 * A plot of lines in Mermaid's language, which GitHub draws. The titles are ours: no foreign word may go into one. Every kind of chart was drawn
 * by mermaid 11.17.2 in a browser; its parser comes only with the whole package (150 MB installed), so that no test holds it.
 */
export function xyChart({ title, x, y, lines }: XyChart): string {
  return [
    '```mermaid',
    `%%{init: {"xyChart": {"width": 900, "height": 260}, "themeVariables": {"xyChart": {"plotColorPalette": "${lines.map(({ colour }) => colour).join(', ')}"}}}}%%`,
    'xychart-beta',
    `  title "${title}"`,
    `  x-axis "${x.title}" ${digits(x.from)} --> ${digits(x.to)}`,
    `  y-axis "${y.title}" ${digits(y.from)} --> ${digits(y.to)}`,
    ...lines.map(({ values }) => `  line [${values.map(digits).join(', ')}]`),
    '```',
  ].join('\n')
}
