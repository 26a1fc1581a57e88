/** A hostile message, what it is made of, and what must become of it. */
import fc from 'fast-check';
import type { Listener } from '../../audit/evidence.js';
import { HEADER } from '../../shared/messaging/wire.js';
import { toActor } from '../../shared/rabbitmq/topology.js';
import type { Documents } from '../support/reference/documents.js';
import { payloadLike, type Schema } from './payload-like.js';

/** As amqplib takes it. */
export interface HostileMessage {
  /** Its kind, by which it is counted. */
  readonly what: string;
  readonly exchange: string;
  readonly routingKey: string;
  readonly content: Buffer;
  readonly properties: {
    readonly messageId?: string;
    readonly correlationId?: string;
    readonly [name: string]: unknown;
  };
  /** Where it arrives; at no actor when the exchange has no queue for it. */
  readonly actors: readonly string[];
  /** What may become of it there. */
  readonly ends: readonly Ending[];
  /** Times that it is sent. */
  readonly times: number;
}

/** `handled` is in the inbox; `ignored` leaves nothing; anything else is the code of a dead letter. */
export type Ending = 'handled' | 'ignored' | (string & {});

/** A message that was really sent, and handled. */
export interface RealMessage {
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly body: string;
}

/** What there is to be named. */
export interface Scene {
  /** Orders that were shipped, with all that was said of them. */
  readonly shipped: readonly { readonly orderId: string; readonly messages: readonly RealMessage[] }[];
  /** Orders that may be on their way. */
  readonly underWay: readonly string[];
}

/** Made when it is sent, of what is there by then. */
export type Hostile = (scene: Scene) => HostileMessage;

/** What messages are made of. */
export class Making {
  readonly documents: Documents;
  readonly listeners: readonly Listener[];
  /** Stands in bodies and headers, and must come to no log. */
  readonly canary: string;
  /** All contracts, at each actor that handles them. */
  readonly places: readonly Place[];

  constructor(documents: Documents, listeners: readonly Listener[], canary: string) {
    this.documents = documents;
    this.listeners = listeners;
    this.canary = canary;
    const known = new Map(Object.entries(documents.asyncapi.components.messages).map(contractOf));
    this.places = listeners.flatMap(({ actor, types }) =>
      types.flatMap((type) => {
        const contract = known.get(type);
        return contract === undefined ? [] : [{ actor, ...contract }];
      }),
    );
  }

  /** One of the places, or of those of these types by actor. */
  place(types?: Types): fc.Arbitrary<Place> {
    const meant = this.places.filter(
      ({ actor, type }) => types === undefined || types[actor] === 'all' || types[actor]?.includes(type) === true,
    );
    return fc.constantFrom(...meant);
  }

  /** One that nothing is wrong with, to its actor's queue by the exchange of that actor, as a redrive is. */
  good(place: Place, orderId: string, id: string, body: object = bodyOf(place, orderId)): HostileMessage {
    return {
      what: '',
      ...toActor(place.actor),
      content: Buffer.from(JSON.stringify({ ...body, note: this.canary })),
      properties: {
        messageId: id,
        correlationId: orderId,
        type: place.type,
        contentType: 'application/json',
        headers: { [HEADER.schemaVersion]: place.version },
      },
      actors: [place.actor],
      ends: [],
      times: 1,
    };
  }
}

/** Full names of messages, by actor. */
export type Types = Readonly<Record<string, readonly string[] | 'all'>>;

interface Known {
  readonly type: string;
  /** The newest. */
  readonly version: number;
  /** Its JSON schema. */
  readonly payload: Schema;
}

export interface Place extends Known {
  readonly actor: string;
}

function contractOf([name, { payload }]: [string, { readonly payload: object }]): [string, Known] {
  const [, type = '', version = '1'] = /^(.*)\.v(\d+)$/.exec(name) ?? [];
  return [type, { type, version: Number(version), payload }];
}

/** The least that the contract allows. */
export const bodyOf = ({ payload }: Pick<Place, 'payload'>, orderId: string): object =>
  payloadLike(payload, [orderId, 'GBP', 'GB']) as object;

/** The same message with other headers besides. */
export const withHeaders = (message: HostileMessage, headers: object): HostileMessage => ({
  ...message,
  properties: { ...message.properties, headers: { ...(message.properties['headers'] as object), ...headers } },
});

/** Of those under way, of those shipped, and of nobody. */
export const WHOSE = fc.constantFrom('under way', 'shipped', 'nobody');

export function orderOf(
  scene: Scene,
  of: 'under way' | 'shipped' | 'nobody' | string,
  pick: number,
  nobodys: string,
): string {
  if (of === 'shipped') return shippedOf(scene, pick).orderId;
  return of === 'under way' ? nth(scene.underWay, pick) : nobodys;
}

export const shippedOf = ({ shipped }: Scene, pick: number) => nth(shipped, pick);

export function nth<T>(list: readonly T[], at: number): T {
  const one = list[at % list.length];
  if (one === undefined) throw new RangeError('there is nothing to choose from');
  return one;
}
