/** What the worker is told, and the token under which it is registered. */
import type { Attempts } from './attempt.js';
import type { DelivererOptions } from './deliverer.js';

export interface WebhookSettings extends DelivererOptions {
  readonly attempts: Attempts;
  /** Of the delivery log. */
  readonly keepDays: number;
}
export const WebhookSettings = Symbol('WebhookSettings');
