/** What the scheduler may do at the servers: it publishes timers, looks after what only grows, and reads much for its audit. */
import { type DeclaredNeeds, on, PUBLISHING, type TableNeed } from '../../shared/privileges/needs.js';

/** Read by the fleet's audit and its measurements. */
const AUDITED: readonly TableNeed[] = [
  on('dead_letters', 'select'),
  on('emails', 'select'),
  on('inbox', 'select'),
  on('knex_migrations_lock', 'select'),
  on('notices', 'select'),
  on('order_keys', 'select'),
  on('orders', 'select'),
  on('provider_circuits', 'select'),
  on('queue_settings', 'select'),
  on('reservations', 'select'),
  on('shipments', 'select'),
  on('stock_levels', 'select'),
  on('stock_movements', 'select'),
  // All but the token.
  {
    table: 'payments',
    verbs: ['select'],
    columns: ['order_id', 'status', 'amount', 'currency', 'authorization_id', 'reason'],
  },
];

export const needs: DeclaredNeeds = {
  tables: [
    ...PUBLISHING,
    ...AUDITED,
    on('outbox', 'update'),
    on('alert_turn', 'select', 'insert', 'update', 'delete'),
    on('alerts', 'select', 'insert', 'update', 'delete'),
    on('audit_results', 'select', 'insert', 'update'),
    on('idempotency_keys', 'select', 'delete'),
    on('measured_positions', 'select', 'insert', 'update'),
    on('replays', 'select', 'update', 'delete'),
    on('replay_messages', 'select', 'delete'),
  ],
  functions: ['ensure_partitions(integer)', 'drop_old_partitions(text, integer)'],
  // Timers are of anybody.
  publishes: 'everything',
};
