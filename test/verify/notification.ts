/** An Adyen notification that is not signed yet. */
export const item = {
  additionalData: { other: 'kept' },
  pspReference: '7914073381342284',
  merchantAccountCode: 'Shop',
  merchantReference: 'SO/1',
  amount: { value: 1130, currency: 'EUR' },
  eventCode: 'AUTHORISATION',
  success: 'true',
};
export const notification = (...items: object[]): string =>
  JSON.stringify({ live: 'false', notificationItems: items.map((i) => ({ NotificationRequestItem: i })) });
