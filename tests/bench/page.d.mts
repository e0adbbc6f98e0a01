export function table(head: readonly string[], rows: readonly (readonly string[])[]): string
export function withSection(page: string, name: string, text: string): string
