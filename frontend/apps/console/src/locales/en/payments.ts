import type zh from '../zh-CN/payments.ts'

const en: typeof zh = {
  payments: {
    title: 'Payments',
    text: 'How customers pay for their orders, and where the money goes.',
    saved: 'Saved',
    nothing: 'Customers cannot pay at the moment: turn on at least one way below.',
    stripe: 'Cards, with Stripe',
    notAvailable: 'This service has no key for Stripe yet. Whoever runs it can add one.',
    statuses: { none: 'Not connected', pending: 'Not finished', active: 'Takes payments', restricted: 'On hold' },
    texts: {
      none: 'Connect an account of your own at Stripe. Money goes straight to it, and refunds come out of it; we never hold it.',
      pending: 'The account is there, but Stripe still needs to know some things about your business. Customers cannot pay by card until then.',
      active: 'Stripe takes payments for your account and sends the money to your bank.',
      restricted: 'Stripe takes no payments for your account at the moment. Open its form to see what it asks for.',
    },
    asked: {
      none: 'No account is connected',
      pending: 'Stripe’s form is not finished yet',
      active: 'Your account takes payments',
      restricted: 'Stripe needs something more from you',
    },
    test: 'Test mode',
    account: 'Account {id}, as of {time}',
    offer: 'Offer at the checkout',
    offerHint: 'Customers see it while your account takes payments.',
    connect: 'Connect Stripe',
    goOn: 'Go on at Stripe',
    ask: 'Check again',
    disconnect: 'Disconnect',
    disconnected: 'Stripe disconnected',
    disconnectTitle: 'Disconnect Stripe',
    disconnectText: 'Customers can no longer pay by card. Orders already paid can still be refunded, and nothing changes at Stripe itself.',
    offline: 'At the counter or by transfer',
    offlineHint: 'The order waits until your staff confirm that the money has arrived.',
    instructionsZh: 'How to pay, in Chinese',
    instructionsEn: 'How to pay, in English',
  },
}

export default en
