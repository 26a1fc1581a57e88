/** What web may do at the servers: it faces the internet, so it reads no payment token, and sends only what it takes in. */
import { type DeclaredNeeds, on, PUBLISHING } from '../shared/privileges/needs.js';
import { ResendMail } from '../workers/email/messages.js';
import { CancelOrder, EnforcePaymentDeadline, OrderPlaced } from '../workers/orders/messages.js';

export const needs: DeclaredNeeds = {
  tables: [
    ...PUBLISHING,
    on('alerts', 'select'),
    on('api_keys', 'select', 'insert', 'update'),
    on('audit_results', 'select'),
    on('crash_marks', 'select'),
    on('dead_letter_changes', 'select', 'insert'),
    on('dead_letters', 'select', 'insert', 'update'),
    on('emails', 'select', 'update'),
    // Erasing persons marks what an earlier release has left plain (to be dropped: 20261122115001).
    on('event_log', 'update'),
    on('idempotency_keys', 'select', 'insert', 'update', 'delete'),
    // A letter that is settled by hand counts as handled.
    on('inbox', 'select', 'insert', 'delete'),
    on('measured_positions', 'select', 'insert', 'update'),
    on('operator_actions', 'select', 'insert'),
    on('operator_sessions', 'select', 'insert', 'delete'),
    // Operators are made by a command that the owner of the tables runs.
    on('operators', 'select'),
    on('order_keys', 'select', 'insert', 'delete'),
    on('orders', 'select', 'insert', 'update'),
    { table: 'payments', verbs: ['insert'] },
    { table: 'payments', verbs: ['select'], columns: ['order_id', 'status', 'amount', 'currency', 'reason'] },
    on('products', 'select', 'insert', 'update'),
    on('provider_circuits', 'select'),
    on('queue_settings', 'select', 'insert', 'update'),
    on('redrive_jobs', 'select', 'insert', 'update'),
    on('replay_messages', 'select', 'insert', 'update', 'delete'),
    on('replays', 'select', 'insert', 'update'),
    on('reservations', 'select'),
    on('shipments', 'select'),
    on('stock_levels', 'select', 'insert', 'update'),
    on('stock_movements', 'select', 'insert'),
    on('stock_receipts', 'select', 'insert'),
    on('storefronts', 'select', 'insert', 'update'),
    on('webhook_deliveries', 'select', 'insert', 'update'),
    on('webhook_endpoints', 'select', 'insert', 'update'),
  ],
  publishes: [OrderPlaced, CancelOrder, EnforcePaymentDeadline, ResendMail],
};
