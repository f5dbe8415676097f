import { describe, expect, it } from 'vitest'
import { forgetProblems } from './problems.ts'

const FIELD = (name: string) =>
  `<div class="field is-wrong"><input name="${name}" aria-invalid="true"><p class="hint">Help</p><p class="wrong" role="alert">This field is required.</p></div>`

describe('problems the server found', () => {
  it('go from the field that is written in, and from no other', () => {
    document.body.innerHTML = `<form>${FIELD('company')}${FIELD('email')}</form>`
    const form = document.querySelector('form')!
    forgetProblems(form)
    const company = form.querySelector<HTMLInputElement>('[name=company]')!
    company.value = 'Tea'
    company.dispatchEvent(new Event('input', { bubbles: true }))
    expect(company.closest('.field')!.outerHTML).toBe('<div class="field"><input name="company"><p class="hint">Help</p></div>')
    expect(form.querySelectorAll('.field.is-wrong .wrong')).toHaveLength(1)
  })
})
