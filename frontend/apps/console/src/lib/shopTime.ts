/**
 * Moments as the shop's clock shows them. Calendars show a `Date` by the browser's own time zone; whoever
 * sits elsewhere still means, and reads everywhere else, the time of the shop.
 */

/** What the clocks of a time zone show at an instant, in milliseconds as if it were UTC. */
function shown(instant: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
  })
  const part = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]))
  return Date.UTC(part['year'] ?? 0, (part['month'] ?? 1) - 1, part['day'], part['hour'], part['minute'], part['second'])
}

/** The date whose browser-local fields are what the shop's clock shows at the instant. */
export function wallOf(instant: Date, timeZone: string): Date {
  const wall = new Date(shown(instant.getTime(), timeZone))
  return new Date(wall.getUTCFullYear(), wall.getUTCMonth(), wall.getUTCDate(), wall.getUTCHours(), wall.getUTCMinutes(), wall.getUTCSeconds())
}

/** The instant at which the shop's clock shows these fields. An hour that clocks leave out counts on from the hour before. */
export function instantOf(wall: Date, timeZone: string): Date {
  const target = Date.UTC(wall.getFullYear(), wall.getMonth(), wall.getDate(), wall.getHours(), wall.getMinutes(), wall.getSeconds())
  const first = target - (shown(target, timeZone) - target)
  const second = target - (shown(first, timeZone) - first)
  return new Date(shown(second, timeZone) === target ? second : first)
}
