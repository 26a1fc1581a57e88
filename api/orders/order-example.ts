/** An order as it stood when it was shipped, for the reference; its timeline is longer. */
export const ORDER = {
  orderId: '01a1fdae-bab7-75aa-9b14-fc707aeff401',
  status: 'SHIPPED',
  customer: {
    name: 'Ada',
    email: 'ada@example.com',
  },
  shippingAddress: {
    line1: '1 Main St',
    city: 'Hue',
    postalCode: '49000',
    country: 'VN',
  },
  lines: [
    {
      sku: 'MUG-BURROW',
      quantity: 2,
      unitPrice: {
        amount: 1450,
        currency: 'GBP',
      },
    },
    {
      sku: 'SOAP-OAT',
      quantity: 1,
      unitPrice: {
        amount: 475,
        currency: 'GBP',
      },
    },
  ],
  total: {
    amount: 3375,
    currency: 'GBP',
  },
  payment: {
    status: 'captured',
  },
  reservation: {
    status: 'shipped',
  },
  shipment: {
    status: 'shipped',
    carrier: 'Sandbox Parcel',
    trackingNumber: 'SBX000000003',
  },
  emails: [
    {
      occasion: 'confirmed',
      sentAt: '2026-11-21T10:37:29.514Z',
    },
    {
      occasion: 'shipped',
      sentAt: '2026-11-21T10:37:29.799Z',
    },
  ],
  placedAt: '2026-11-21T10:37:29.144Z',
  timeline: [
    {
      id: '01a1fdae-babf-72c2-a822-57c4d436ba5c',
      type: 'orders.order-placed',
      at: '2026-11-21T10:37:29.151Z',
    },
    {
      id: '01a1fdae-bcc4-74a8-9dbc-862a5be98fe0',
      type: 'shipping.order-shipped',
      at: '2026-11-21T10:37:29.644Z',
    },
  ],
  reference: 'web-1001',
} as const;
