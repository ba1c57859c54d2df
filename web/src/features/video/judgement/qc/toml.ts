import { type Plain, removeToml, setToml, tomlOf } from '@/state/toml'

/** New values by check and parameter; `state` among them. */
export type Edits = ReadonlyMap<string, Readonly<Record<string, Plain>>>

/** A template that builds on a shipped one and changes nothing yet. */
export function extending(name: string): string {
  return `extends = ${tomlOf(name)}\n`
}

/**
 * The text of a template with other values. Everything else, comments too, stays as it was. Null where that cannot be
 * done without writing other lines anew.
 */
export function edited(source: string, edits: Edits): string | null {
  let text = source
  for (const [check, values] of edits) {
    const table = ['checks', check]
    for (const [name, value] of Object.entries(values)) {
      const made = setToml(text, [...table, name], value)
      if (made === null) return null
      text = made
    }
    // A limit that was changed must not keep the document of the one it replaces.
    if (Object.keys(values).some((name) => name !== 'state')) text = removeToml(text, [...table, 'source'])
  }
  return text
}
