import type zh from '../zh-CN/coupons.ts'

const en: typeof zh = {
  coupons: {
    title: 'Coupons to claim',
    mine: 'My coupons',
    claim: 'Claim',
    claimMore: 'Claim another',
    of: '{act}: {name}',
    claimed: '“{name}” is yours',
    offerStates: { taken: 'Claimed', gone: 'All gone', not_mine: 'Not for you yet' },
    gone: '{n}% claimed',
    perMember: '{n} for each member',
    claimUntil: 'Claim by {date}',
    noOffers: 'Nothing to claim now',
    noOffersHint: 'New coupons will appear here.',
    groups: { usable: 'Usable', used: 'Used', expired: 'Over' },
    none: { usable: 'No coupons to use', used: 'No coupon used yet', expired: 'No coupon is over' },
    noneHint: 'See what there is to claim.',
    toCentre: 'Claim coupons',
    held: 'An order that waits for payment has it',
    usedOn: 'Used on {date}, {money} saved',
    voided: 'Taken back by the shop',
    endsSoon: 'Ends soon',
    show: 'Show code',
    qr: 'QR code of {code}',
    showHint: 'Let them scan it at the till, or read the code out.',
  },
}

export default en
