/** A form's content as text, to see whether anything changed since it was loaded. */
export function snapshot(form: object): string {
  return JSON.stringify(form)
}
