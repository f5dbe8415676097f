/** A column of a table. */
export interface Column {
  key: string
  /** Shown at the head; empty for a column of buttons, which then needs a label. */
  title: string
  label?: string
  align?: 'right'
  /** Sort key of the API that a press on the head asks for. */
  sort?: string
  isWide?: boolean
}
