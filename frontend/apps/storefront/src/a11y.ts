const ROLES = '[role=button],[role=switch],[role=radio],[role=checkbox],[role=tab]'
const NATIVE = 'button,a,input,textarea,select'

/** Vant gives its controls role and tabindex but no key handler: Enter and Space must act as a tap. */
export function keyboardTaps(root: Document = document): void {
  root.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || (event.key !== 'Enter' && event.key !== ' ')) return
    const control = event.target
    if (!(control instanceof HTMLElement) || !control.matches(ROLES) || control.matches(NATIVE)) return
    event.preventDefault()
    control.click()
  })
}

/** True when the visitor asked for less motion. */
export const prefersLessMotion = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches
