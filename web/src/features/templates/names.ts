/** Why a name cannot be that of a new template; null: it can. The server judges by the same rule. */
export function nameProblem(name: string, taken: readonly string[]): 'nameNeeded' | 'nameWrong' | 'nameTaken' | null {
  if (name === '') return 'nameNeeded'
  if (!/^[a-z0-9][a-z0-9._-]{0,99}$/.test(name) || /\.(toml|ya?ml)$/.test(name)) return 'nameWrong'
  return taken.includes(name) ? 'nameTaken' : null
}

/** A name near to another that is not taken: `netflix-2`. */
export function freeName(near: string, taken: readonly string[]): string {
  let number = 2
  while (taken.includes(`${near}-${number}`)) number += 1
  return `${near}-${number}`
}

/** The text a new template begins with that builds on another and changes nothing yet. */
export function extending(parent: string, title: string): string {
  return `extends = ${JSON.stringify(parent)}\n\n[title]\nen = ${JSON.stringify(title)}\nko = ${JSON.stringify(title)}\n`
}
