import { programmeCost } from './cost.ts'
import { byId, language } from './page.ts'

/** Computes again whenever a number changes; the page comes with the example already computed. */
export function startCalculator(form: HTMLFormElement): void {
  const currency = form.dataset['currency'] ?? 'USD'
  const locale = language()
  const money = new Intl.NumberFormat(locale, { style: 'currency', currency, currencyDisplay: 'narrowSymbol' })
  const smallMoney = new Intl.NumberFormat(locale, {
    style: 'currency', currency, currencyDisplay: 'narrowSymbol', minimumFractionDigits: 0, maximumSignificantDigits: 4,
  })
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 })
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 2 })
  const read = (name: string) => Math.max(0, Number(new FormData(form).get(name)) || 0)
  const show = (id: string, text: string) => {
    byId(id).textContent = text
  }

  const compute = () => {
    const redemptionRate = read('redemption_rate') / 100
    const found = programmeCost({
      members: read('members'),
      spendPerMember: read('spend'),
      pointsPerUnit: read('points_per_unit'),
      faceValue: read('face_value'),
      redemptionRate,
    })
    show('redemption-rate-shown', percent.format(redemptionRate))
    show('cost-per-point', (found.costPerPoint < 1 ? smallMoney : money).format(found.costPerPoint))
    show('points-given', whole.format(found.points))
    show('programme-cost', money.format(found.cost))
    show('cost-rate', percent.format(found.costRate))
  }
  form.addEventListener('input', compute)
  form.addEventListener('submit', (event) => event.preventDefault())
  compute()
}
