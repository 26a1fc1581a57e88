/** The carrier API's decisions: what comes of a request, given what the ledger says of the order. */
import type { LedgerEntry, Outcome } from './entry.js';

const CARRIER = 'Sandbox Parcel';

export type ShipmentRequest = { step: 'ship'; orderId: string } | { step: 'cancel'; orderId: string };

export interface Label {
  trackingNumber: string;
  carrier: string;
  status: 'active' | 'cancelled';
  idempotencyKey: string;
}

/** `seq` is the number the ledger will give to the outcome; tracking numbers are made of it. */
export function decideShipment(request: ShipmentRequest, entries: readonly LedgerEntry[], seq: number): Outcome {
  if (request.step === 'ship') {
    return { kind: 'labelled', trackingNumbers: [`SBX${String(seq).padStart(9, '0')}`], carrier: CARRIER };
  }
  const active = labelsOf(entries).filter(({ status }) => status === 'active');
  if (active.length === 0) return { kind: 'nothing_to_cancel' };
  return { kind: 'label_cancelled', trackingNumbers: active.map(({ trackingNumber }) => trackingNumber) };
}

/** Every label an order was ever given, oldest first. */
export function labelsOf(entries: readonly LedgerEntry[]): Label[] {
  const cancelled = new Set(
    entries.flatMap((entry) => (entry.kind === 'label_cancelled' ? entry.trackingNumbers : [])),
  );
  return entries.flatMap((entry) => {
    if (entry.kind !== 'labelled') return [];
    const [trackingNumber] = entry.trackingNumbers;
    const status = cancelled.has(trackingNumber) ? 'cancelled' : 'active';
    return [{ trackingNumber, carrier: entry.carrier, status, idempotencyKey: entry.idempotencyKey }];
  });
}
