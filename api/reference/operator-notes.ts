/**
 * What the reference says of the operators' routes. They stand together: what they answer is the console's and the command line's
 * (`api/console/browser/answers.ts`), is not promised to anybody else, and has no schema of its own.
 */
import type { FastifySchema } from 'fastify';

const ORDER = ['order.not-found'] as const;
const LETTER = ['dead-letter.not-found'] as const;
const REPLAY = ['replay.not-found', 'replay.status'] as const;
const QUEUE = ['queue.not-found'] as const;
const STOREFRONT = ['storefront.not-found'] as const;
const MAIL = ['mail.erased', 'mail.not-sent', 'mail.outdated', 'mail.resend-id-reused', 'mail.not-kept'] as const;
const LETTERS = [
  'dead-letter.status',
  'dead-letter.handled',
  'dead-letter.no-id',
  'dead-letter.no-order',
  'dead-letter.unaddressed',
  'dead-letter.unknown-type',
  'dead-letter.payload',
] as const;

const CREATED = { response: { 201: {} } } as const;
const ACCEPTED = { response: { 202: {} } } as const;
const STREAM = { media: { 200: ['text/event-stream'] } } as const;

/** By method and path. */
export const OPERATOR_NOTES: Readonly<Record<string, FastifySchema>> = {
  'GET /operator/status': { summary: 'Whether the fleet is well, why not, and what to do' },
  'GET /operator/status/events': { summary: 'The status as server-sent events', ...STREAM },
  'GET /operator/orders': { summary: 'Find orders of all storefronts' },
  'GET /operator/orders/:id': { summary: 'See an order', problems: [...ORDER, 'order.persons-unread'] },
  'GET /operator/orders/:id/explanation': { summary: 'What an order waits for', problems: ORDER },
  'GET /operator/orders/:id/messages': { summary: 'All that was said about an order', problems: ORDER },
  'POST /operator/orders/:id/erase': {
    summary: 'Forget who ordered, and where it went',
    problems: [...ORDER, 'order.under-way', 'order.mails-unsent'],
  },
  'POST /operator/orders/:id/cancel': {
    summary: 'Cancel an order as if the customer wished it',
    ...ACCEPTED,
    problems: [...ORDER, 'order.already-shipped'],
  },
  'POST /operator/orders/:id/mails/:occasion/resend': {
    summary: 'Send a mail once more',
    ...ACCEPTED,
    problems: [...ORDER, ...MAIL],
  },
  'GET /operator/dead-letters': { summary: 'List dead letters' },
  'GET /operator/dead-letters/groups': { summary: 'Open letters by actor, type and error' },
  'GET /operator/dead-letters/:id': { summary: 'See a dead letter', problems: LETTER },
  'POST /operator/dead-letters/:id/redrive': { summary: 'Send a letter again', problems: [...LETTER, ...LETTERS] },
  'POST /operator/dead-letters/:id/edit': {
    summary: 'Replace the payload of a letter, and send it',
    problems: [...LETTER, ...LETTERS],
  },
  'POST /operator/dead-letters/:id/discard': { summary: 'Give a letter up', problems: [...LETTER, ...LETTERS] },
  'POST /operator/dead-letters/redrive': {
    summary: 'Send many letters again',
    ...ACCEPTED,
    problems: ['dead-letter.none'],
  },
  'POST /operator/dead-letters/discard': { summary: 'Give many letters up', problems: ['dead-letter.none'] },
  'GET /operator/redrive-jobs': { summary: 'List the jobs that send letters again' },
  'GET /operator/redrive-jobs/:id': { summary: 'How far such a job is', problems: ['redrive-job.not-found'] },
  'POST /operator/redrive-jobs/:id/cancel': { summary: 'End such a job', problems: ['redrive-job.not-found'] },
  'POST /operator/replays': { summary: 'Rehearse a replay', ...ACCEPTED, problems: QUEUE },
  'POST /operator/replays/import': { summary: 'Begin a replay from a file', ...CREATED, problems: QUEUE },
  'POST /operator/replays/:id/messages': { summary: 'Add messages of the file', problems: REPLAY },
  'POST /operator/replays/:id/imported': { summary: 'That was the whole file', problems: REPLAY },
  'GET /operator/replays': { summary: 'List replays' },
  'GET /operator/replays/:id': { summary: 'See a replay', problems: REPLAY },
  'POST /operator/replays/:id/start': { summary: 'Send what was rehearsed', problems: REPLAY },
  'POST /operator/replays/:id/pause': { summary: 'Send nothing more for now', problems: REPLAY },
  'POST /operator/replays/:id/resume': { summary: 'Go on with a replay', problems: REPLAY },
  'POST /operator/replays/:id/cancel': { summary: 'End a replay', problems: REPLAY },
  'GET /operator/events': { summary: 'Messages of the event log' },
  'GET /operator/queues': { summary: 'The queues, and what is set for them' },
  'POST /operator/queues/:actor/pause': {
    summary: 'Let nobody consume a queue',
    problems: [...QUEUE, 'queue.paused'],
  },
  'POST /operator/queues/:actor/resume': {
    summary: 'Let a queue be consumed again',
    problems: [...QUEUE, 'queue.not-paused'],
  },
  'POST /operator/queues/:actor/prefetch': { summary: 'Set the prefetch of an actor', problems: QUEUE },
  'GET /operator/storefronts': { summary: 'List storefronts' },
  'POST /operator/storefronts': { summary: 'Make a storefront', ...CREATED },
  'POST /operator/storefronts/:id/rename': { summary: 'Give a storefront another name', problems: STOREFRONT },
  'POST /operator/storefronts/:id/disable': {
    summary: 'Let no key of a storefront in',
    problems: [...STOREFRONT, 'storefront.disabled'],
  },
  'POST /operator/storefronts/:id/enable': {
    summary: 'Let the keys of a storefront in again',
    problems: [...STOREFRONT, 'storefront.not-disabled'],
  },
  'POST /operator/storefronts/:id/keys': {
    summary: 'Make a key, which only this answer has',
    ...CREATED,
    problems: [...STOREFRONT, 'storefront.disabled', 'api-key.enough'],
  },
  'GET /operator/keys': { summary: 'List the keys of storefronts, without their secrets' },
  'POST /operator/keys/:key/revoke': {
    summary: 'Let a key in no more',
    problems: ['api-key.not-found', 'api-key.revoked'],
  },
  'GET /operator/instances': { summary: 'The processes of the fleet' },
  'GET /operator/topology': { summary: 'How the broker differs from what is declared', problems: ['topology.unseen'] },
  'POST /operator/topology/apply': {
    summary: 'Make the broker as it is declared',
    problems: ['topology.busy', 'topology.unseen'],
  },
  'GET /operator/audit': { summary: 'What the last audit found' },
  'GET /operator/me': { summary: 'Whose key it is' },
  'GET /operator/actions': { summary: 'What was changed, by whom and why' },
};
