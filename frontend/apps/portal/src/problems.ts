/** What was wrong with a field is no longer said once somebody writes in it; the server looks at it again. */
export function forgetProblems(form: HTMLFormElement): void {
  form.addEventListener('input', (event) => forgetProblem(event.target))
}

export function forgetProblem(input: EventTarget | null): void {
  if (!(input instanceof HTMLElement)) return
  const field = input.closest('.field.is-wrong')
  if (!field) return
  field.classList.remove('is-wrong')
  for (const one of field.querySelectorAll('.wrong')) one.remove()
  input.removeAttribute('aria-invalid')
}
