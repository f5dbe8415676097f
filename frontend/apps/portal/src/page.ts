/** The element the template promises. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (!found) throw new Error(`the page has no #${id}`)
  return found
}

/** The page's language, which the server chose. */
export function language(): string {
  return document.documentElement.lang || 'en'
}
