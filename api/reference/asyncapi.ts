/** The reference of the messages: AsyncAPI 3.0, from the contracts that both ends check payloads by. Pure. */
import type { Contract } from '../../shared/messaging/contract.js';
import { HEADER, type HeaderOf, headersOf } from '../../shared/messaging/wire.js';
import { type Json, plain } from './components.js';
import { API_VERSION } from './openapi.js';

export interface Listener {
  /** Of the actor, and of its queue. */
  readonly name: string;
  /** What it handles, by full name. */
  readonly contracts: ReadonlyMap<string, Contract>;
}

/** @param contracts all of the fleet, those that nobody listens to included */
export function asyncApiOf(contracts: readonly Contract[], actors: readonly Listener[]): Json {
  const byName = new Map([...contracts, ...actors.flatMap((actor) => [...actor.contracts.values()])].map(named));
  const all = [...byName.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Warren',
      version: API_VERSION,
      description: DESCRIPTION,
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(all.map((contract) => [contract.name, channelOf(contract)])),
    operations: Object.fromEntries([
      // A fact is told by whoever owns it. Who gives a command is not part of it: whoever may publish to the exchange.
      ...all.filter(({ kind }) => kind === 'event').map((contract) => sends(contract)),
      ...actors.flatMap(({ name, contracts: heard }) =>
        [...heard.values()].map((contract) => receives(name, contract)),
      ),
    ]),
    components: {
      messages: Object.fromEntries(all.map((contract) => [idOf(contract), messageOf(contract)])),
    },
  };
}

const DESCRIPTION = `Every message travels through the durable topic exchange of its owner, with its full name as routing key, and stands in the
event log. Its \`message-id\` is a UUID v7 that stays the same when it is sent again, its \`correlation-id\` the order. Attributes of
CloudEvents 1.0 are headers. A schema only grows: a payload may gain fields, and a reader leaves alone those it does not know; what
breaks a reader is a new version (\`${HEADER.schemaVersion}\`). The HTTP API: [/openapi.json](/openapi.json).`;

const named = (contract: Contract): readonly [string, Contract] => [contract.name, contract];
const idOf = ({ name, version }: Contract): string => `${name}.v${version}`;

function channelOf(contract: Contract): Json {
  const { name, exchange } = contract;
  return {
    address: name,
    messages: { [idOf(contract)]: { $ref: `#/components/messages/${idOf(contract)}` } },
    bindings: {
      amqp: {
        is: 'routingKey',
        exchange: { name: exchange, type: 'topic', durable: true, autoDelete: false },
        bindingVersion: '0.3.0',
      },
    },
  };
}

function messageOf({ kind, name, version, schema }: Contract): Json {
  return {
    name,
    title: `${kind === 'event' ? 'Event' : 'Command'} ${name}, version ${version}`,
    contentType: 'application/json',
    headers: HEADERS,
    payload: plain(schema),
    tags: [{ name: kind }],
    'x-schema-version': version,
  };
}

const sends = (contract: Contract): readonly [string, Json] => operation('send', contract.exchange, contract);
const receives = (actor: string, contract: Contract): readonly [string, Json] => operation('receive', actor, contract);

function operation(action: 'send' | 'receive', actor: string, contract: Contract): readonly [string, Json] {
  const channel = `#/channels/${contract.name}`;
  return [
    `${actor}.${action}.${contract.name}`,
    {
      action,
      channel: { $ref: channel },
      messages: [{ $ref: `${channel}/messages/${idOf(contract)}` }],
      tags: [{ name: actor }],
    },
  ];
}

const text = { type: 'string' };
const uuid = { type: 'string', pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' };

/** Whoever reads a message may find these; what tells of a failure is between Warren and its dead letters. */
const PROPERTIES: Readonly<Record<HeaderOf<'message' | 'cause' | 'attempt' | 'trace' | 'trace-of-others'>, Json>> = {
  [HEADER.specversion]: { const: '1.0' },
  [HEADER.id]: uuid,
  [HEADER.source]: { type: 'string', pattern: '^/warren/.+$' },
  [HEADER.type]: text,
  [HEADER.time]: { type: 'string', format: 'date-time' },
  [HEADER.schemaVersion]: { type: 'integer', minimum: 1 },
  [HEADER.causationId]: { ...uuid, description: 'The message that led to this one; not there when a caller did.' },
  [HEADER.attempt]: {
    type: 'integer',
    minimum: 1,
    description: 'Of the actor that tries again; not there at the first.',
  },
  [HEADER.traceparent]: { type: 'string', pattern: '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$' },
  [HEADER.tracestate]: text,
};

/** As `shared/messaging/wire.ts` writes them; others may be there. */
const HEADERS: Json = { type: 'object', required: headersOf('message'), properties: PROPERTIES };
